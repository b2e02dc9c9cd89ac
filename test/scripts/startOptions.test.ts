/** The flags of `npm start`. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseStartOptions } from '../../scripts/lib/startOptions.mjs';

const thisFile = fileURLToPath(import.meta.url);

describe('npm start', () => {
  it('takes the demo model and any port when nothing is said', () => {
    expect(parseStartOptions([])).toEqual({
      isHelp: false,
      isCheck: false,
      isBrowser: false,
      port: undefined,
      model: { kind: 'known', name: 'demo' },
    });
  });

  it('knows a model by name or by file', () => {
    expect(parseStartOptions(['--model', 'infill']).model).toEqual({ kind: 'known', name: 'infill' });
    expect(parseStartOptions([`--model=${thisFile}`]).model).toEqual({ kind: 'file', path: thisFile });
  });

  it.each([
    [['--prot', '80'], "Unknown option '--prot'"],
    [['extra'], 'Unexpected argument'],
    [['--port', '70000'], '--port needs a number from 1 to 65535, not "70000"'],
    [['--port', '8o'], '--port needs a number'],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--model', '/no/such.gguf'], 'there is no file /no/such.gguf'],
  ])('refuses %j in one line', (commandLine, complaint) => {
    expect(() => parseStartOptions(commandLine)).toThrow(complaint);
    expect(messageOf(() => parseStartOptions(commandLine))).not.toContain('\n');
  });
});

function messageOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
