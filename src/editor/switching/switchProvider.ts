/** `Switch Provider` passes through here: a role, then a model of everything that can be asked, then it is set. */
import type * as vscode from 'vscode';
import { originOf } from '../../models/choose.ts';
import type { Endpoint, Role } from '../../models/model.ts';
import { cardOf, cards, type Card } from '../../providers/cards.ts';
import { checkModelFile, type ModelFile } from '../../weights/gguf.ts';
import { starters, type Starter } from '../../weights/starters.ts';
import { deniedBy } from '../privacy/agree.ts';
import { showList, type Answer, type ListNeeds, type Shown } from '../list.ts';
import { fillEndpoint, fillModels, type AskAgain, type Filling, type FillingNeeds } from './switchFilling.ts';
import { activeKey, endpointRows, firstRows, modelRows, roleRows } from './switchProviderView.ts';
import type { FirstPick, ModelPick, SwitchState } from './switchState.ts';
import { chosenBy, plansNow, setServed, setTo, takePreset, type SetNeeds } from './switchTo.ts';

/** What switching needs. */
export interface SwitchNeeds extends ListNeeds, SetNeeds, FillingNeeds {
  readonly window: ListNeeds['window'] & Pick<typeof vscode.window, 'showInputBox'>;
  /** Lets the user look for a GGUF file; `undefined`: they left. */
  readonly browse: () => Promise<string | undefined>;
  readonly addServer: (card?: Card) => Promise<Endpoint | undefined>;
  readonly removeApiKey: () => Promise<void>;
  readonly toggleThisComputerOnly: () => Promise<void>;
  readonly fetchStarter: (starter: Starter, roles: readonly Role[]) => Promise<void>;
}

/**
 * Leads through the lists. Leaving one changes nothing. Throws `Failure`; then nothing changed either.
 * @param roles what a model is picked for; `undefined`: the user says.
 */
export async function switchProvider(needs: SwitchNeeds, roles?: readonly Role[]): Promise<void> {
  if (roles !== undefined && (await pickModel(needs, roles)) === 'done') return;
  for (;;) {
    const first = await pickFirst(needs);
    if (first === undefined) return;
    if (first.kind !== 'roles') return actOnFirst(needs, first);
    if ((await pickModel(needs, first.roles)) === 'done') return;
  }
}

/** Adds a server, then leads on to its models. */
export async function addServerAndPick(needs: SwitchNeeds): Promise<void> {
  const endpoint = await needs.addServer();
  if (endpoint === undefined) return;
  for (;;) {
    const roles = await pickRoles(needs, endpoint);
    if (roles === undefined || (await pickOfEndpoint(needs, roles, endpoint)) === 'done') return;
  }
}

/** Whether a list is to be shown again that led to the one that was left. */
type Leaving = 'back' | 'done';

async function pickFirst(needs: SwitchNeeds): Promise<FirstPick | undefined> {
  const { settings, secrets, findFiles } = needs;
  const telling = await needs.telling();
  const shown = (files: readonly ModelFile[]): Shown<FirstPick> => ({
    isBusy: false,
    rows: firstRows({
      telling,
      chosen: chosenBy(needs),
      plans: plansNow(needs),
      bytesOf: (path) => files.find((file) => file.path === path)?.bytes,
      contextTokens: settings.now['local.contextTokens'],
      hasKeys: secrets.origins().length > 0,
      ownCeiling: settings.now['privacy.ceiling'],
    }),
  });
  const answer = await showList(needs, {
    title: 'Paddock: Switch Provider',
    placeHolder: 'What shall be answered by another model?',
    hasBack: false,
    shown: shown([]),
    fill: (show) => void findFiles().then((files) => show(shown(files))),
    staysOpen: ({ kind }) => kind === 'unavailable',
  });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

async function pickRoles(needs: SwitchNeeds, endpoint: Endpoint): Promise<readonly Role[] | undefined> {
  const rows = roleRows({ chosen: chosenBy(needs), telling: await needs.telling() });
  const answer = await showList(needs, {
    title: 'Paddock: Switch Provider',
    placeHolder: `What shall ${nameOf(needs, endpoint)} answer?`,
    hasBack: false,
    shown: { rows, isBusy: false },
  });
  return answer.kind === 'picked' ? answer.pick.roles : undefined;
}

async function actOnFirst(needs: SwitchNeeds, first: Exclude<FirstPick, { readonly kind: 'roles' }>): Promise<void> {
  switch (first.kind) {
    case 'preset':
      return takePreset(needs, first.preset);
    case 'addServer':
      return addServerAndPick(needs);
    case 'setApiKey':
      await needs.setApiKey();
      return;
    case 'removeApiKey':
      return needs.removeApiKey();
    case 'thisComputerOnly':
      return needs.toggleThisComputerOnly();
    case 'unavailable':
      return; // its list stays open
  }
}

/** The list of all models for these roles. */
async function pickModel(needs: SwitchNeeds, roles: readonly Role[]): Promise<Leaving> {
  for (;;) {
    const telling = await needs.telling();
    const state = beginning(needs, roles);
    const answer = await showModels(needs, {
      title: titleFor(roles),
      state,
      rowsOf: (now) => modelRows(now, telling),
      fill: (draw, signal) => fillModels(needs, { state, telling, draw }, signal),
    });
    if (answer.kind === 'closed') return 'done';
    if (answer.kind === 'back') return 'back';
    if ((await actOn(needs, roles, answer.pick)) === 'done') return 'done';
  }
}

/** The list of one endpoint's models. */
async function pickOfEndpoint(needs: SwitchNeeds, roles: readonly Role[], endpoint: Endpoint): Promise<Leaving> {
  for (;;) {
    const telling = await needs.telling();
    const name = nameOf(needs, endpoint);
    const state = { ...beginning(needs, roles), servers: [{ endpoint, name, answer: undefined }] };
    const answer = await showModels(needs, {
      title: `${titleFor(roles)} · ${name}`,
      state,
      rowsOf: (now) => now.servers.flatMap((server) => endpointRows(server, now, telling)),
      fill: (draw, signal) => fillEndpoint(needs, { state, telling, draw }, signal),
    });
    if (answer.kind === 'closed') return 'done';
    if (answer.kind === 'back') return 'back';
    const { pick } = answer;
    if (pick.kind === 'setKey') await setKeyOf(needs, endpoint);
    else if ((await actOn(needs, roles, pick)) === 'done') return 'done';
  }
}

interface ModelList {
  readonly title: string;
  readonly state: SwitchState;
  readonly rowsOf: (state: SwitchState) => Shown<ModelPick>['rows'];
  readonly fill: (draw: Filling['draw'], signal: AbortSignal) => AskAgain;
}

function showModels(needs: SwitchNeeds, { title, state, rowsOf, fill }: ModelList): Promise<Answer<ModelPick>> {
  let askAgain: AskAgain = () => undefined;
  return showList<ModelPick>(needs, {
    title,
    placeHolder: 'Type to filter by name, place, price or path',
    hasBack: true,
    active: activeKey(state),
    shown: { rows: rowsOf(state), isBusy: true },
    fill: (show, signal) => {
      askAgain = fill((now, isBusy) => show({ rows: rowsOf(now), isBusy }), signal);
    },
    staysOpen: (pick) => {
      if (pick.kind === 'askAgain') askAgain(pick.endpoint);
      return pick.kind === 'askAgain' || pick.kind === 'wait';
    },
  });
}

async function actOn(needs: SwitchNeeds, roles: readonly Role[], pick: ModelPick): Promise<Leaving> {
  switch (pick.kind) {
    case 'file':
      return left(await setTo(needs, { roles, ref: `embedded:${pick.path}` }));
    case 'browse':
      return left(await pickFile(needs, roles));
    case 'fetch':
      await needs.fetchStarter(pick.starter, roles);
      return 'done';
    case 'served':
      return left(await setServed(needs, roles, pick));
    case 'enterName': {
      const model = await askModelName(needs, pick.endpoint);
      return left(model !== undefined && (await setServed(needs, roles, { endpoint: pick.endpoint, model })));
    }
    case 'models':
      return pickOfEndpoint(needs, roles, pick.endpoint);
    case 'setKey':
      return (await setKeyOf(needs, pick.endpoint)) ? pickOfEndpoint(needs, roles, pick.endpoint) : 'back';
    case 'complete':
    case 'addServer': {
      const endpoint = await needs.addServer(pick.kind === 'complete' ? pick.card : undefined);
      return endpoint === undefined ? 'back' : pickOfEndpoint(needs, roles, endpoint);
    }
    case 'denied':
      throw deniedBy(pick.denial);
    case 'askAgain':
    case 'wait':
      return 'back'; // its list stays open
  }
}

function left(isSet: boolean): Leaving {
  return isSet ? 'done' : 'back';
}

async function pickFile(needs: SwitchNeeds, roles: readonly Role[]): Promise<boolean> {
  const path = await needs.browse();
  if (path === undefined) return false;
  const file = await checkModelFile(path);
  return setTo(needs, { roles, ref: `embedded:${file.path}` });
}

async function setKeyOf({ setApiKey, survey }: SwitchNeeds, { baseUrl }: Endpoint): Promise<boolean> {
  const isSet = await setApiKey(originOf(baseUrl));
  if (isSet) survey.forget(baseUrl);
  return isSet;
}

async function askModelName({ window }: SwitchNeeds, { card }: Endpoint): Promise<string | undefined> {
  const name = await window.showInputBox({
    title: 'Paddock: Enter a Model’s Name',
    prompt: `The model’s name as ${cardOf(card).name} calls it.`,
    ignoreFocusOut: true, // it is often copied from elsewhere
  });
  return name === undefined || name.trim() === '' ? undefined : name.trim();
}

/** What is known when a list opens: everything but what has to be looked for. */
function beginning(needs: SwitchNeeds, roles: readonly Role[]): SwitchState {
  const { settings, secrets } = needs;
  const endpoints = settings.now.servers.map(({ url, kind }): Endpoint => ({ baseUrl: url, card: kind }));
  return {
    roles,
    chosen: chosenBy(needs),
    files: undefined,
    found: undefined,
    servers: endpoints.map((endpoint) => ({ endpoint, name: nameOf(needs, endpoint), answer: undefined })),
    origins: secrets.origins(),
    contextTokens: settings.now['local.contextTokens'],
    starters,
    cards,
  };
}

function nameOf({ settings }: SwitchNeeds, { baseUrl, card }: Endpoint): string {
  return settings.now.servers.find(({ url }) => url === baseUrl)?.name ?? cardOf(card).name;
}

function titleFor(roles: readonly Role[]): string {
  const [role, second] = roles;
  if (second !== undefined) return 'Paddock: Model for Completions and Chat';
  return role === 'chat' ? 'Paddock: Model for Chat' : 'Paddock: Model for Completions';
}
