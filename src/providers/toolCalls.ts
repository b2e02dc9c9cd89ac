/** The calls in an answer are put together here from the pieces they come in; what makes no sense is a failure, no guess. */
import { Failure } from '../base/failure.ts';
import {
  isJsonObject,
  isToolName,
  longestCallId,
  mostArgumentBytes,
  mostCalls,
  type ToolCall,
} from '../models/tools.ts';
import type { Asked } from './errors.ts';
import { at, defined, listAt, numberAt, textAt } from './json.ts';

/** A piece of one call; what it does not carry is absent. */
export interface CallPiece {
  /** Which of the answer's calls, as the server counts them. */
  readonly index?: number;
  readonly id?: string;
  readonly name?: string;
  /** What comes next of its arguments' text. */
  readonly argumentsJson?: string;
}

/**
 * The pieces in one message of an answer, in OpenAI's words and in Ollama's, whose arguments are whole objects. Absent:
 * there are none.
 */
export function callPiecesOf(message: unknown): readonly CallPiece[] | undefined {
  const pieces = listAt(message, 'tool_calls').map((call): CallPiece => {
    const told = at(call, 'function', 'arguments');
    const isWhole = typeof told === 'object' && told !== null;
    return defined({
      // A whole call goes on none, whatever number it has.
      index: isWhole ? undefined : (numberAt(call, 'index') ?? numberAt(call, 'function', 'index')),
      id: textAt(call, 'id') || undefined,
      name: textAt(call, 'function', 'name') || undefined,
      argumentsJson: isWhole ? JSON.stringify(told) : textAt(call, 'function', 'arguments'),
    });
  });
  return pieces.length === 0 ? undefined : pieces;
}

interface BegunCall extends CallPiece {
  argumentsJson: string;
}

/** What putting calls together needs. */
export interface ToolCallsNeeds {
  readonly asked: Pick<Asked, 'host'>;
  /** For calls that came without an id, or with that of another one. */
  readonly newId: () => string;
}

/** The calls of one answer, as far as they have come. */
export class ToolCalls {
  private readonly needs: ToolCallsNeeds;
  private readonly calls: BegunCall[] = [];
  private bytes = 0;

  constructor(needs: ToolCallsNeeds) {
    this.needs = needs;
  }

  get hasBegun(): boolean {
    return this.calls.length > 0;
  }

  /** Throws `Failure` when they become more or longer than any model's. */
  push(pieces: readonly CallPiece[]): void {
    for (const piece of pieces) {
      const { id = '', name = '', argumentsJson = '' } = piece;
      const known = this.callOf(piece);
      // Some servers repeat the id and the name with each piece.
      this.bytes += Buffer.byteLength(known === undefined ? id + name + argumentsJson : argumentsJson);
      const isOneMore = known === undefined && this.calls.length === mostCalls;
      if (isOneMore || this.bytes > mostArgumentBytes) throw this.wrong('asks for too much at once');
      if (known === undefined) this.calls.push({ ...piece, argumentsJson });
      else known.argumentsJson += argumentsJson;
    }
  }

  /**
   * The calls of an answer that is whole. Throws `Failure` when one names no tool, or its arguments are no JSON object.
   * @param isFull the answer reached its longest length, perhaps in the middle of a call.
   */
  end(isFull: boolean): readonly ToolCall[] {
    const ids = new Set<string>();
    return this.calls.map(({ id: told = '', name = '', argumentsJson: came }) => {
      // Without arguments some send nothing at all.
      const argumentsJson = came.trim() || '{}';
      if (!isToolName(name)) throw this.wrong('names no tool');
      if (!isJsonObject(argumentsJson)) throw this.wrong(isFull ? 'had no room to end' : 'has no JSON object with it');
      const isUsable = told !== '' && told.length <= longestCallId && !ids.has(told);
      // Another one than in the answers before: all of them may stand in the next question.
      const id = isUsable ? told : `call_${this.needs.newId()}`;
      ids.add(id);
      return { id, name, argumentsJson };
    });
  }

  /** The call that a piece goes on; `undefined`: it begins one. Some servers count all of them as the first, or none. */
  private callOf({ index, id, name }: CallPiece): BegunCall | undefined {
    if (index === undefined && id === undefined) return name === undefined ? this.calls.at(-1) : undefined;
    const isSame = (call: BegunCall): boolean => id === undefined || call.id === undefined || call.id === id;
    return this.calls.findLast((call) => call.index === index && isSame(call));
  }

  private wrong(what: string): Failure {
    const { host } = this.needs.asked;
    return new Failure('badResponse', `The model at ${host} wants to call a tool, but its call ${what}.`, {
      action: 'switchProvider',
      facts: { host },
    });
  }
}
