/**
 * The end-to-end tests: a person's hands on a real VS Code with the packaged extension and a real model.
 *
 *   node test/e2e/run.mjs              all flows
 *   node test/e2e/run.mjs Tab Escape   those with one of these words in their name
 */
import { bootstrap } from '../../scripts/lib/bootstrap.mjs';

await bootstrap(import.meta.url);
const { packageTarget } = await import('../../scripts/package.mjs');
const { thisTarget } = await import('../../scripts/lib/targets.mjs');
const { Stage } = await import('./stage.mjs');
const { runFlows } = await import('./runner.mjs');
const { chatFlows } = await import('./flows/chat.mjs');
const { chatClauseFlows } = await import('./flows/chatClauses.mjs');
const { chatWindowFlows } = await import('./flows/chatWindows.mjs');
const { realChatFlows } = await import('./flows/chatReal.mjs');
const { killedChatFlows } = await import('./flows/chatKilled.mjs');
const { typingFlows } = await import('./flows/typing.mjs');
const { controlFlows } = await import('./flows/control.mjs');
const { engineFlows, killedEngineFlows } = await import('./flows/engine.mjs');
const { plainWindowFlows, windowFlows } = await import('./flows/windows.mjs');
const { infillFlows } = await import('./flows/infill.mjs');
const { switchingFlows } = await import('./flows/switching.mjs');
const { egressFlows } = await import('./flows/egress.mjs');
const { indicatorFlows } = await import('./flows/indicator.mjs');
const { ledgerFlows } = await import('./flows/ledger.mjs');
const { sharingFlows } = await import('./flows/sharing.mjs');
const { editFlows } = await import('./flows/edits.mjs');
const { networkFlows } = await import('./flows/network.mjs');

const words = process.argv.slice(2).map((word) => word.toLowerCase());
// Those that share a window follow each other: opening one costs more than most flows. Flows of the chat leave records
// of what left this computer on the server that is shared, and those before say that nothing did.
const all = [
  ...typingFlows,
  ...controlFlows,
  ...killedEngineFlows,
  ...plainWindowFlows,
  ...chatFlows,
  ...chatClauseFlows,
  ...chatWindowFlows,
  ...realChatFlows,
  ...killedChatFlows,
  ...engineFlows,
  ...windowFlows,
  ...infillFlows,
  ...switchingFlows,
  ...egressFlows,
  ...indicatorFlows,
  ...editFlows,
  ...ledgerFlows,
  ...sharingFlows,
  ...networkFlows,
];
const flows = all.filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)));
const vsix = await packageTarget(thisTarget());
const counts = await runFlows(flows, (options) => Stage.launch({ vsix, ...options }));
console.log(JSON.stringify(counts));
// What a flow past its time limit still waits for must not keep this process.
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
