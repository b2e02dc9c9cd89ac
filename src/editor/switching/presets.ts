/** Named ways to set both roles at once, as data, and what each would set now. Pure. */
import { parseRef, refOf } from '../../models/choose.ts';
import type { Model, Role } from '../../models/model.ts';
import { cardOf } from '../../providers/cards.ts';

export type PresetId = 'thisComputer' | 'closedChat' | 'team';

/** One way to set both. */
export interface Preset {
  readonly id: PresetId;
  readonly label: string;
  readonly detail: string;
}

export const presets: readonly Preset[] = [
  {
    id: 'thisComputer',
    label: 'All on this computer',
    detail: 'Paddock’s own engine answers both: no connection is opened.',
  },
  {
    id: 'closedChat',
    label: 'Completions here, chat from a closed API',
    detail: 'What you type stays here; what you ask goes to the closed API you last chatted with.',
  },
  {
    id: 'team',
    label: 'Team server',
    detail: 'Completions and chat from the server of your own that you last picked.',
  },
];

/** What was picked before, by its reference; kept over restarts. */
export interface Picked {
  readonly embedded?: Partial<Readonly<Record<Role, string>>>;
  readonly closedChat?: string;
  readonly team?: Partial<Readonly<Record<Role, string>>>;
}

/** What a preset would set, or why it cannot. */
export type Plan =
  | { readonly kind: 'ready'; readonly refs: Readonly<Record<Role, string>> }
  | { readonly kind: 'unavailable'; readonly whyNot: string };

/** What the presets would do now. */
export function plansFor(known: {
  readonly picked: Picked;
  readonly chosen: Readonly<Record<Role, Model | undefined>>;
  /** The file set for this computer's own engine; empty: none is. */
  readonly localFile: string;
}): Readonly<Record<PresetId, Plan>> {
  const { picked } = known;
  const [completion, chat] = [embeddedFor('completion', known), embeddedFor('chat', known)];
  const hasNoFile = unavailable('Choose a GGUF file or fetch a starter model first.');
  return {
    thisComputer: completion === undefined || chat === undefined ? hasNoFile : ready(completion, chat),
    closedChat:
      completion === undefined
        ? hasNoFile
        : picked.closedChat === undefined
          ? unavailable('Pick a model of a closed API for chat once; it is remembered for this.')
          : ready(completion, picked.closedChat),
    team: teamPlan(picked),
  };
}

/** What is remembered after a model was picked for these roles. */
export function afterPick(
  picked: Picked,
  roles: readonly Role[],
  model: Model,
  /** Whether its server is not on this computer. */
  isElsewhere: boolean,
): Picked {
  const ref = refOf(model);
  const forRoles = Object.fromEntries(roles.map((role) => [role, ref]));
  if (model.provider === 'embedded') return { ...picked, embedded: { ...picked.embedded, ...forRoles } };
  if (!cardOf(model.endpoint.card).isSelfHosted) {
    return roles.includes('chat') ? { ...picked, closedChat: ref } : picked;
  }
  return isElsewhere ? { ...picked, team: { ...picked.team, ...forRoles } } : picked;
}

/** What is kept, as it was read back; anything else counts as nothing. */
export function parsePicked(kept: unknown): Picked {
  if (typeof kept !== 'object' || kept === null) return {};
  const { embedded, closedChat, team } = kept as Readonly<Record<string, unknown>>;
  return {
    embedded: refsIn(embedded, 'embedded'),
    ...(isRef(closedChat, 'served') ? { closedChat } : {}),
    team: refsIn(team, 'served'),
  };
}

function embeddedFor(role: Role, { picked, chosen, localFile }: Parameters<typeof plansFor>[0]): string | undefined {
  const model = chosen[role];
  if (model?.provider === 'embedded') return refOf(model);
  const other = role === 'chat' ? 'completion' : 'chat';
  const before = picked.embedded?.[role] ?? picked.embedded?.[other];
  if (before !== undefined) return before;
  if (localFile !== '') return '';
  const otherModel = chosen[other];
  return otherModel?.provider === 'embedded' ? refOf(otherModel) : undefined;
}

function teamPlan({ team }: Picked): Plan {
  const completion = team?.completion ?? team?.chat;
  const chat = team?.chat ?? team?.completion;
  return completion === undefined || chat === undefined
    ? unavailable('Add your team’s server and pick one of its models once; it is remembered for this.')
    : ready(completion, chat);
}

function ready(completion: string, chat: string): Plan {
  return { kind: 'ready', refs: { completion, chat } };
}

function unavailable(whyNot: string): Plan {
  return { kind: 'unavailable', whyNot };
}

function refsIn(value: unknown, kind: 'embedded' | 'served'): Partial<Record<Role, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const { completion, chat } = value as Readonly<Record<string, unknown>>;
  return { ...(isRef(completion, kind) ? { completion } : {}), ...(isRef(chat, kind) ? { chat } : {}) };
}

function isRef(value: unknown, kind: 'embedded' | 'served'): value is string {
  return typeof value === 'string' && parseRef(value).kind === kind;
}
