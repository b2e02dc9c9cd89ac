/** What the user is asked about models, servers, keys and privacy, and asks for, is put together here. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import type { Gate } from '../egress/gate.ts';
import type { Survey } from '../providers/survey.ts';
import type { ChatTemplates } from '../weights/chatTemplates.ts';
import { findModelFiles } from '../weights/gguf.ts';
import type { DialogCommands } from './commands.ts';
import { focusEditor } from './indicator/menu.ts';
import type { ListNeeds } from './list.ts';
import type { Notices } from './notices.ts';
import { agreeTo, type AgreeNeeds } from './privacy/agree.ts';
import type { Consents } from './privacy/consents.ts';
import { removeApiKey, setApiKey, type KeyNeeds } from './privacy/keys.ts';
import { manageConsents } from './privacy/manageConsents.ts';
import type { Policies } from './privacy/policies.ts';
import type { Secrets } from './privacy/secrets.ts';
import type { Sharing } from './privacy/sharing.ts';
import { toggleThisComputerOnly } from './privacy/thisComputerOnly.ts';
import { watched } from './progress.ts';
import type { LiveSettings } from './settings.ts';
import { addServer } from './switching/addServer.ts';
import type { Choice } from './switching/choice.ts';
import { chooseModel } from './switching/chooseModel.ts';
import { browseForModel } from './switching/modelPicker.ts';
import { StarterModels } from './switching/starterModel.ts';
import { addServerAndPick, switchProvider, type SwitchNeeds } from './switching/switchProvider.ts';
import { setTo } from './switching/switchTo.ts';
import { tellingNow, type TellingNeeds } from './switching/telling.ts';

/** What they are built from. */
export interface DialogParts extends Omit<TellingNeeds, 'policy'>, Pick<ListNeeds, 'backButton' | 'icon'> {
  readonly context: vscode.ExtensionContext;
  readonly clock: Clock;
  readonly run: typeof vscode.commands.executeCommand;
  readonly settings: LiveSettings;
  readonly secrets: Secrets;
  readonly consents: Consents;
  readonly sharing: Sharing;
  readonly policies: Pick<Policies, 'now'>;
  readonly choice: Choice;
  readonly survey: Survey;
  readonly gate: Gate;
  readonly templates: ChatTemplates;
  readonly placeOf: AgreeNeeds['placeOf'];
  readonly notices: Pick<Notices, 'say'>;
}

/** Builds all of it; nothing is looked up before one of them runs. */
export function buildDialogs(parts: DialogParts): DialogCommands {
  const { context, clock, run, settings, secrets, consents, choice, survey, gate, policies, placeOf, notices } = parts;
  const { backButton, icon, templates } = parts;
  const { window } = vscode;
  const drawn = { window, backButton, icon };
  const memento = context.globalState;
  const policy = policies.now;
  const keyNeeds: KeyNeeds = {
    ...drawn,
    secrets,
    servers: () => settings.now.servers,
    locate: (url) => watched({ window, clock }, `Paddock: looking up ${url}…`, (signal) => gate.locate(url, signal)),
  };
  const toggle = () => toggleThisComputerOnly({ settings, memento, policy, notices });
  const folder = join(context.globalStorageUri.fsPath, 'models');
  const starterModels = new StarterModels({
    ...{ ...drawn, gate, choice, folder },
    use: (roles, ref) => setTo(switchNeeds, { roles, ref }),
  });
  const files = { findFiles: () => findModelFiles(homedir(), folder), browse: () => browseForModel(window) };
  const agreeing = { window, gate, survey, placeOf, policy, clock };
  const switchNeeds: SwitchNeeds = {
    ...drawn,
    ...{ choice, settings, secrets, consents, survey, memento, clock, templates },
    telling: () => tellingNow({ ...parts, policy }),
    agree: (picking) => agreeTo(agreeing, picking),
    ...files,
    addServer: (card) => addServer({ ...keyNeeds, window, settings, survey }, card),
    setApiKey: (origin) => setApiKey(keyNeeds, origin),
    removeApiKey: () => removeApiKey(keyNeeds),
    toggleThisComputerOnly: toggle,
    fetchStarter: (starter, roles) => starterModels.fetch(starter, roles),
  };
  return {
    chooseModel: () => chooseModel({ ...drawn, ...files, run, settings, choice, templates }),
    switchProvider: async (role) => {
      await focusEditor(run);
      await switchProvider(switchNeeds, role && [role]);
    },
    addServer: () => addServerAndPick(switchNeeds),
    setApiKey: (origin) => setApiKey(keyNeeds, origin),
    removeApiKey: () => removeApiKey(keyNeeds),
    toggleThisComputerOnly: toggle,
    manageConsents: () => manageConsents({ ...drawn, consents, secrets, sharing: parts.sharing }),
    getStarterModel: () => starterModels.pickAndFetch(),
  };
}
