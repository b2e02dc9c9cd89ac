/** What the lists of `Switch Provider` say is decided here, from what is known at the moment. Pure. */
import type { Ceiling } from '../../egress/policy.ts';
import { originOf } from '../../models/choose.ts';
import type { Endpoint, Model, Role } from '../../models/model.ts';
import { cardOf } from '../../providers/cards.ts';
import { placeOf } from '../indicator/routeWords.ts';
import type { Line, Row } from '../list.ts';
import { closedRows, engineRows, inUseElsewhere, placeKey, serverRows, waitRow, type ModelRow } from './modelRows.ts';
import { pairWords } from './modelWords.ts';
import { presets, type Plan, type PresetId } from './presets.ts';
import type { AskedServer, FirstPick, SwitchState, Telling } from './switchState.ts';

/** What roles are shown by. */
interface RoleState {
  readonly chosen: Readonly<Record<Role, Model | undefined>>;
  readonly telling: Pick<Telling, 'routeOf' | 'engineRoute'>;
}

type RolePick = Extract<FirstPick, { readonly kind: 'roles' }>;

/** Which role. @param both what is said of both together. */
export function roleRows({ chosen, telling }: RoleState, both = 'one model for both'): Line<RolePick>[] {
  const roleLine = (label: string, icon: string, roles: readonly Role[], description: string): Line<RolePick> => ({
    kind: 'line',
    key: label,
    label,
    icon,
    description,
    pick: { kind: 'roles', roles },
  });
  return [
    roleLine('Completions', 'edit', ['completion'], nowWords(chosen.completion, telling)),
    roleLine('Chat', 'comment-discussion', ['chat'], nowWords(chosen.chat, telling)),
    roleLine('Both', 'layers', ['completion', 'chat'], both),
  ];
}

/** What the first list depends on. */
export interface FirstState extends RoleState {
  /** Bytes of an embedded model's file; `undefined`: unknown. */
  readonly bytesOf: (file: string) => number | undefined;
  readonly contextTokens: number;
  readonly plans: Readonly<Record<PresetId, Plan>>;
  readonly hasKeys: boolean;
  /** Of the user's own settings. */
  readonly ownCeiling: Ceiling;
}

/** The first list: which role, or something for both at once. */
export function firstRows(state: FirstState): Row<FirstPick>[] {
  const { plans } = state;
  const line = (label: string, icon: string, pick: FirstPick, words = {}): Row<FirstPick> => ({
    kind: 'line',
    key: label,
    label,
    icon,
    pick,
    ...words,
  });
  return [
    ...roleRows(state, bothWords(state)),
    { kind: 'heading', label: 'both at once' },
    ...presets.map(({ id, label, detail }) => {
      const plan = plans[id];
      return plan.kind === 'ready'
        ? line(label, 'arrow-swap', { kind: 'preset', preset: id }, { detail })
        : line(label, 'circle-slash', { kind: 'unavailable' }, { description: 'not yet', detail: plan.whyNot });
    }),
    { kind: 'heading', label: 'more' },
    line('Add Server…', 'add', { kind: 'addServer' }, { description: 'yours, your team’s, or a closed API' }),
    line('Set API Key…', 'key', { kind: 'setApiKey' }),
    ...(state.hasKeys ? [line('Remove API Key…', 'trash', { kind: 'removeApiKey' })] : []),
    ...(state.ownCeiling === 'device' ? [] : [thisComputerOnlyRow(state.ownCeiling)]),
  ];
}

/** What the command would do; of a stricter ceiling it changes nothing. */
function thisComputerOnlyRow(ownCeiling: Ceiling): Row<FirstPick> {
  const row = { kind: 'line', key: 'first thisComputerOnly', pick: { kind: 'thisComputerOnly' } } as const;
  return ownCeiling === 'loopback'
    ? { ...row, label: 'Allow Other Computers Again', icon: 'unlock' }
    : { ...row, label: 'This Computer Only', icon: 'lock', description: 'only the engine and servers here are asked' };
}

function nowWords(
  model: Model | undefined,
  { routeOf, engineRoute }: Pick<Telling, 'routeOf' | 'engineRoute'>,
): string {
  if (model === undefined) return 'none yet';
  if (model.provider === 'embedded') return `${model.name} · ${placeOf(engineRoute)}`;
  const route = routeOf(model.endpoint, model);
  // Elsewhere only the address counts: anybody may call a server what they like.
  const server = route.kind === 'loopback' ? cardOf(model.endpoint.card).name : undefined;
  return `${model.name} · ${placeOf(route, server)}`;
}

function bothWords({ chosen, bytesOf, contextTokens }: FirstState): string {
  const { completion, chat } = chosen;
  if (completion === undefined && chat === undefined) return 'one model for both';
  if (completion?.id === chat?.id) return 'now: one model for both';
  if (completion?.provider !== 'embedded' || chat?.provider !== 'embedded') return 'now: two models';
  return `now: two models, ${pairWords([bytesOf(completion.file), bytesOf(chat.file)], contextTokens)}`;
}

/** The list of models, grouped by where they run. */
export function modelRows(state: SwitchState, telling: Telling): ModelRow[] {
  const isHere = ({ endpoint }: { readonly endpoint: Endpoint }): boolean =>
    telling.routeOf(endpoint).kind === 'loopback';
  const isClosed = ({ endpoint }: { readonly endpoint: Endpoint }): boolean => !cardOf(endpoint.card).isSelfHosted;
  const own = state.servers.filter((server) => !isClosed(server));
  const ownHere = own.filter(isHere);
  const elsewhere = own.filter((server) => !isHere(server));
  const taken = new Set(ownHere.map(({ endpoint }) => placeKey(endpoint)));
  const found = state.found?.filter(({ endpoint }) => !taken.has(placeKey(endpoint)));
  return [
    ...group('in use', inUseElsewhere(state, telling)),
    ...group('Paddock’s own engine', engineRows(state, telling)),
    ...group('servers on this computer', [
      ...(state.found === undefined ? [waitRow('Looking for servers on this computer…')] : []),
      ...ownHere.flatMap((server) => serverRows(server, state, telling)),
      ...(found ?? []).flatMap(({ endpoint, facts, models }) =>
        serverRows({ endpoint, name: facts.name, answer: models }, state, telling),
      ),
    ]),
    ...group(
      'your servers',
      elsewhere.flatMap((server) => serverRows(server, state, telling)),
    ),
    ...group('closed APIs', closedRows(state, telling)),
    ...group('more', [
      { kind: 'line', key: 'addServer', label: 'Add Server…', icon: 'add', pick: { kind: 'addServer' } },
    ]),
  ];
}

/** The models of one endpoint alone, and what else can be done about it. */
export function endpointRows(server: AskedServer, state: SwitchState, telling: Telling): ModelRow[] {
  const { endpoint } = server;
  const { baseUrl } = endpoint;
  return [
    ...serverRows(server, state, telling),
    ...group('more', [
      {
        kind: 'line',
        key: `name ${baseUrl}`,
        label: 'Enter a Model’s Name…',
        icon: 'edit',
        pick: { kind: 'enterName', endpoint },
      },
      {
        kind: 'line',
        key: `key ${baseUrl}`,
        label: state.origins.includes(originOf(baseUrl)) ? 'Set Another API Key…' : 'Set API Key…',
        icon: 'key',
        pick: { kind: 'setKey', endpoint },
      },
    ]),
  ];
}

/** The key of the line that stands for what is in use now, where a list is first shown. */
export function activeKey({ roles, chosen }: Pick<SwitchState, 'roles' | 'chosen'>): string | undefined {
  const model = roles.map((role) => chosen[role]).find((each) => each !== undefined);
  return model && `model ${model.id}`;
}

function group(label: string, rows: readonly ModelRow[]): ModelRow[] {
  return rows.length === 0 ? [] : [{ kind: 'heading', label }, ...rows];
}
