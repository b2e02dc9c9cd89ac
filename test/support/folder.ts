import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that is gone after the test. Its name has a space and letters beyond ASCII, as a user's may. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'paddock tést '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
