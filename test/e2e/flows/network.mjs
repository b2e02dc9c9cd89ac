/** The flow that shows that nothing is sent: no network at all, every connection attempt written down. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensurePrograms } from '../../../scripts/lib/system.mjs';
import { beginning, temperatures } from '../documents.mjs';
import { connectionsBelow } from '../../support/traces.mjs';
import { until } from '../until.mjs';

/** @type {import('../runner.mjs').Flow[]} */
export const networkFlows = [
  {
    name: 'without any network suggestions come, nothing tries to connect, no document text is written down',
    run: cutOff,
    limitMs: 240_000,
  },
];

/** A word that can only have come from the document. */
const marker = 'quokkafjordzeppelin';

/** @param {import('../runner.mjs').Given} given */
async function cutOff({ ownStage }) {
  await ensurePrograms(['strace']);
  const folder = mkdtempSync(path.join(tmpdir(), 'paddock-trace-'));
  const trace = path.join(folder, 'trace');
  const calls = 'trace=connect,sendto,sendmsg,sendmmsg,clone,clone3,fork,vfork,execve';
  try {
    const wrapper = ['strace', '-f', '--seccomp-bpf', '-s', '256', '-e', calls, '-e', 'signal=none', '-o', trace];
    const stage = await ownStage({ hasNetwork: false, wrapper });
    const window = await stage.openWindow();
    await window.openNewFile('offline.py', temperatures);
    const typed = `# ${marker}\n${beginning}`;
    await window.type(typed);
    const ghost = await window.untilGhost();
    await window.press('Tab');
    await window.expectSaved(temperatures + typed + ghost);
    await window.untilItem(/this computer · [\d.]+ tok\/s$/);
    await stage.untilSettled('offline.py');
    const [engine] = stage.engines();
    assert.ok(engine);

    const { processes, connections } = connectionsBelow(readFileSync(trace, 'utf8'), '--type=extensionHost');
    assert.ok(
      processes.some(({ program }) => program.includes('worker.mjs')),
      `the engine was traced: ${processes.map(({ program }) => program).join('\n')}`,
    );
    assert.deepEqual(connections, []);

    const written = await until(
      'the log',
      () => stage.writtenFiles().some(({ file }) => /Paddock/.test(file)) && stage.writtenFiles(),
    );
    assert.ok(written.some(({ file }) => file.endsWith('.jsonl')));
    assert.deepEqual(
      written.filter(({ text }) => text.includes(marker)).map(({ file }) => file),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
