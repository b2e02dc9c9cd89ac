/** A failure becomes lines for the log here: its kind, its facts and where in the code it arose. Pure. */
import { Failure } from '../base/failure.ts';

/** So many places of each error are told, and so many errors: the failure and what it came from. */
const frameCount = 12;
const causeCount = 4;

/**
 * One line for the failure, one for each error it came from, and below each the places in the code. Only messages of
 * our own failures are told: what others say may quote a document, a prompt or a key.
 */
export function failureLine(failure: Failure): string {
  return chainOf(failure)
    .map((error, index) => [`${index === 0 ? '' : 'from '}${headOf(error)}`, ...framesOf(error)].join('\n'))
    .join('\n');
}

function chainOf(failure: Failure): readonly Error[] {
  const chain: Error[] = [];
  for (let error: unknown = failure; error instanceof Error && chain.length < causeCount; error = error.cause) {
    chain.push(error);
  }
  return chain;
}

function headOf(error: Error): string {
  if (!(error instanceof Failure)) return error.name.replace(/\W/g, '');
  const { kind, facts } = error;
  const told = Object.entries(facts).map(([name, value]) => ` ${name}=${String(value)}`);
  return `${kind}${isBorrowed(error) ? '' : `: ${error.message}`}${told.join('')}`;
}

/** `asFailure` takes over the message of an error that is not ours. */
function isBorrowed({ message, cause }: Failure): boolean {
  if (cause === undefined || cause instanceof Failure) return false;
  return !(cause instanceof Error) || message === cause.message;
}

/** What stands below the message in a stack, without the message, whose lines may look the same. */
function framesOf({ stack = '', message }: Error): readonly string[] {
  const from = stack.indexOf(message);
  if (from === -1) return [];
  const lines = stack.slice(from + message.length).split('\n');
  return lines.filter((line) => /^\s+at /.test(line)).slice(0, frameCount);
}
