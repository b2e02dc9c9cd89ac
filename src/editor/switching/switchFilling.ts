/** What `Switch Provider` has to look for passes through here: files, servers on this computer, models of servers. */
import type { Clock } from '../../base/clock.ts';
import { asFailure, type Failure } from '../../base/failure.ts';
import type { Endpoint } from '../../models/model.ts';
import { cardOf } from '../../providers/cards.ts';
import type { ListedModel, Survey } from '../../providers/survey.ts';
import type { ChatTemplates } from '../../weights/chatTemplates.ts';
import type { ModelFile } from '../../weights/gguf.ts';
import type { AskedServer, SwitchState, Telling } from './switchState.ts';

/** Who is asked. */
export interface FillingNeeds {
  readonly survey: Pick<Survey, 'discover' | 'list' | 'forget'>;
  readonly findFiles: () => Promise<readonly ModelFile[]>;
  readonly templates: Pick<ChatTemplates, 'look'>;
  readonly clock: Clock;
}

/** What is filled in. */
export interface Filling {
  /** What is known when it begins. */
  readonly state: SwitchState;
  readonly telling: Pick<Telling, 'denialOf'>;
  /** Called with every answer; `isBusy` while more is coming. */
  readonly draw: (state: SwitchState, isBusy: boolean) => void;
}

/** What has not answered after so long, ms, does not hold up the others; a server on this computer is not there then. */
const soonMs = 1_000;

/** Asks a server again that did not answer. */
export type AskAgain = (endpoint: Endpoint) => void;

/**
 * Looks for all that can be picked. What answers soon is drawn at once, so that the list moves once under a pointer and
 * not with every answer; what comes later is drawn as it comes. Closed APIs are left out: they are asked from a list of
 * their own, when the user opens it. Never throws.
 */
export function fillModels(needs: FillingNeeds, filling: Filling, signal: AbortSignal): AskAgain {
  let now = filling.state;
  let isTimeUp = false;
  const isBusy = (): boolean =>
    now.files === undefined || now.found === undefined || now.servers.some((server) => isWaiting(server, filling));
  const draw = (): void => {
    if (isTimeUp || !isBusy()) filling.draw(now, isBusy());
  };
  const put = (more: Partial<SwitchState>): void => {
    now = { ...now, ...more };
    draw();
  };
  const late = new AbortController();
  const cancel = needs.clock.schedule(soonMs, () => {
    isTimeUp = true;
    late.abort();
    draw();
  });
  signal.addEventListener('abort', cancel, { once: true });
  void needs.findFiles().then(async (files) => {
    put({ files });
    if (await lacksTemplates(needs, files, signal)) draw();
  });
  void discover(needs, AbortSignal.any([signal, late.signal])).then((found) => put({ found }));
  const asked = now.servers.filter((server) => isWaiting(server, filling)).map(({ endpoint }) => endpoint);
  const askAgain = ask(needs, asked, {
    put: (endpoint, answer) => put({ servers: answeredBy(now.servers, endpoint, answer) }),
    signal,
  });
  return (endpoint) => {
    isTimeUp = true; // the user waits for this one, and sees that it is being asked
    askAgain(endpoint);
  };
}

/** Asks one endpoint for its models, closed or not: the user opened its list. Never throws. */
export function fillEndpoint(needs: FillingNeeds, filling: Filling, signal: AbortSignal): AskAgain {
  const { draw, telling } = filling;
  let now = filling.state;
  const asked = now.servers.map(({ endpoint }) => endpoint);
  const allowed = asked.filter((endpoint) => telling.denialOf(endpoint, undefined) === undefined);
  return ask(needs, allowed, {
    put: (endpoint, answer) => {
      now = { ...now, servers: answeredBy(now.servers, endpoint, answer) };
      draw(now, answer === undefined);
    },
    signal,
  });
}

/** Reads the headers of files one after the other; whether one of them cannot chat. */
async function lacksTemplates(
  { templates }: FillingNeeds,
  files: readonly ModelFile[],
  signal: AbortSignal,
): Promise<boolean> {
  let isOne = false;
  for (const { path } of files) if (!signal.aborted) isOne = (await templates.look(path)) === false || isOne;
  return isOne;
}

/** Whether a server's answer is awaited: it is neither closed nor forbidden, and has not answered. */
function isWaiting({ endpoint, answer }: AskedServer, { telling }: Pick<Filling, 'telling'>): boolean {
  return (
    answer === undefined && cardOf(endpoint.card).isSelfHosted && telling.denialOf(endpoint, undefined) === undefined
  );
}

/** Servers on this computer that answer before the signal aborts; the others are not there. */
function discover({ survey }: FillingNeeds, signal: AbortSignal): Promise<SwitchState['found']> {
  const tooLate = new Promise<[]>((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true }));
  const found = survey.discover(signal).catch(() => []); // nothing was found then
  return Promise.race([found, tooLate]);
}

type Put = (endpoint: Endpoint, answer: AskedServer['answer']) => void;

function ask(
  { survey }: FillingNeeds,
  endpoints: readonly Endpoint[],
  { put, signal }: { readonly put: Put; readonly signal: AbortSignal },
): AskAgain {
  const askOne = (endpoint: Endpoint): void => {
    const listed: Promise<readonly ListedModel[] | Failure> = survey
      .list(endpoint, signal)
      .catch((error: unknown) => asFailure(error, 'unreachable'));
    void listed.then((answer) => put(endpoint, answer));
  };
  endpoints.forEach(askOne);
  return (endpoint) => {
    survey.forget(endpoint.baseUrl);
    put(endpoint, undefined);
    askOne(endpoint);
  };
}

function answeredBy(
  servers: readonly AskedServer[],
  { baseUrl }: Endpoint,
  answer: AskedServer['answer'],
): readonly AskedServer[] {
  return servers.map((each) => (each.endpoint.baseUrl === baseUrl ? { ...each, answer } : each));
}
