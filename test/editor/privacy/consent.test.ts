import { describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { askConsent, askPlainKey, consentWords, type ConsentQuestion } from '../../../src/editor/privacy/consent.ts';
import { Consents } from '../../../src/editor/privacy/consents.ts';
import { agreedRows, manageConsents } from '../../../src/editor/privacy/manageConsents.ts';
import type { Route } from '../../../src/ledger/entry.ts';
import { Sharing } from '../../../src/editor/privacy/sharing.ts';
import { FakeMemento } from '../../support/vscodeStores.ts';

const internet: Route = { kind: 'internet', evidence: 'verified', host: 'api.openai.com', remote: undefined };
const question = {
  route: internet,
  origin: 'https://api.openai.com',
  serverName: 'OpenAI',
  modelName: 'gpt-5',
  roles: ['completion'],
} as const;

/** A window in which the user presses a button, or closes the dialog. */
function windowWith(pressed: string | undefined) {
  const shown: { message: string; options: vscode.MessageOptions; buttons: string[] }[] = [];
  const showWarningMessage = (message: string, options: vscode.MessageOptions, ...buttons: string[]) => {
    shown.push({ message, options, buttons });
    return Promise.resolve(buttons.find((button) => button === pressed));
  };
  return { window: { showWarningMessage } as unknown as ConsentQuestion['window'], shown };
}

describe('the question for consent', () => {
  it('is modal, says what goes where, and how to take the answer back', async () => {
    const { window, shown } = windowWith('Agree');
    const consent = await askConsent({ ...question, window, nowMs: 7 });
    expect(consent).toEqual({ destination: 'https://api.openai.com', route: 'internet', atMs: 7 });
    expect(shown).toHaveLength(1);
    expect(shown[0]?.message).toBe('Let Paddock send your code to OpenAI?');
    expect(shown[0]?.options.modal).toBe(true);
    for (const words of [
      'To: https://api.openai.com, on the internet.',
      'while you type, the code around the cursor',
      'your questions and the files and selections you attach',
      'gpt-5 for completions',
      'for completions and chat',
      'the date of your answer',
      'Paddock: Manage Consents',
    ]) {
      expect(shown[0]?.options.detail).toContain(words);
    }
  });

  it.each(['Don’t Send', undefined])('is answered no by "%s"', async (pressed) => {
    expect(await askConsent({ ...question, window: windowWith(pressed).window, nowMs: 7 })).toBeUndefined();
  });

  it('has the refusal where Enter presses', async () => {
    const { window, shown } = windowWith(undefined);
    await askConsent({ ...question, window, nowMs: 7 });
    await askPlainKey({ window, origin: 'http://10.0.0.5:8000' });
    for (const { buttons } of shown) expect(buttons[0]).toBe('Don’t Send');
  });

  it('is not asked for our own engine', async () => {
    const { window, shown } = windowWith('Agree');
    const route: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
    expect(await askConsent({ ...question, route, window, nowMs: 7 })).toBeUndefined();
    expect(shown).toEqual([]);
  });

  it.each([
    [{ kind: 'private' }, 'http://10.0.0.5:8000', 'an address range, not a promise about who owns it'],
    [{ kind: 'private' }, 'http://10.0.0.5:8000', 'not encrypted'],
    [{ kind: 'loopback', evidence: 'assumed' }, 'http://localhost:4000', 'may pass it on; Paddock cannot see where to'],
    [{ forwardsTo: 'ollama.com' }, 'http://localhost:11434', 'passes it on over the internet to ollama.com'],
    [{ kind: 'private', remote: 'ssh-remote' }, 'http://10.0.0.5', 'The remote host (ssh-remote) makes the connection'],
  ] as const)('says of %j at %s: %s', (change, origin, words) => {
    const { detail } = consentWords({ ...question, origin, route: { ...internet, ...change } });
    expect(detail).toContain(words);
  });

  it('says of what is encrypted or stays on this computer nothing about encryption', () => {
    const loopback: Route = { ...internet, kind: 'loopback', evidence: 'assumed' };
    expect(consentWords({ ...question, origin: 'http://localhost:4000', route: loopback }).detail).not.toContain(
      'encrypt',
    );
    expect(consentWords(question).detail).not.toContain('encrypt');
  });

  it('says what has changed since the last one', () => {
    expect(consentWords({ ...question, agreed: 'private' }).detail).toContain('That is no longer so.');
    expect(consentWords(question).detail).not.toContain('no longer');
  });

  it('names the address where nobody knows who runs there', () => {
    const { message } = consentWords({ ...question, origin: 'http://10.0.0.5:8000', serverName: undefined });
    expect(message).toBe('Let Paddock send your code to 10.0.0.5:8000?');
  });
});

describe('the question about a key without encryption', () => {
  it('names the risk and is a no unless the user says yes', async () => {
    const { window, shown } = windowWith('Send It Unencrypted');
    const origin = 'http://10.0.0.5:8000';
    expect(await askPlainKey({ window, origin })).toBe(true);
    expect(shown[0]?.options).toMatchObject({ modal: true });
    expect(shown[0]?.options.detail).toContain('can read the key with every request and use it as if they were you');
    for (const pressed of ['Don’t Send', undefined]) {
      expect(await askPlainKey({ window: windowWith(pressed).window, origin })).toBe(false);
    }
  });
});

describe('the list of consents', () => {
  const atMs = Date.UTC(2026, 10, 22, 12);

  it('names each destination, its route in words, and the date', () => {
    const rows = agreedRows(
      [
        { destination: 'https://api.openai.com', route: 'internet', atMs },
        { destination: 'http://localhost:11434 -> ollama.com', route: 'internet', atMs },
        { destination: 'http://10.0.0.5:8000', route: 'private', atMs },
        { destination: 'http://localhost:4000', route: 'loopback', atMs },
      ],
      ['http://10.0.0.5:8000'],
      'allowed',
    );
    expect(rows.map((row) => (row.kind === 'line' ? [row.label, row.description] : []))).toEqual([
      ['https://api.openai.com', 'internet: api.openai.com'],
      ['http://localhost:11434 → ollama.com', 'internet: ollama.com'],
      ['http://10.0.0.5:8000', 'private network'],
      ['http://localhost:4000', 'this computer, may forward'],
      ['http://10.0.0.5:8000', 'API key without encryption'],
      ['Other extensions and VS Code’s own chat', 'may use Paddock’s models'],
    ]);
    expect(rows[0]).toMatchObject({ detail: 'Completions and chat; agreed on November 22, 2026' });
  });

  /** The user picks the first line until the list is empty, and answers every question with this button. */
  async function managed(button: string | undefined) {
    const consents = new Consents(new FakeMemento());
    await consents.add({ destination: 'https://api.openai.com', route: 'internet', atMs });
    const plain = new Set(['http://10.0.0.5:8000']);
    const said: string[] = [];
    const left: string[] = [];
    let lists = 0;
    const createQuickPick = () => {
      lists += 1;
      let accept = (): void => undefined;
      let hide = (): void => undefined;
      const picker = {
        items: [] as readonly object[],
        activeItems: [] as readonly object[],
        selectedItems: [] as readonly object[],
        onDidAccept: (listener: () => void) => (accept = listener),
        onDidHide: (listener: () => void) => (hide = listener),
        onDidTriggerButton: () => undefined,
        dispose: () => undefined,
        show: () =>
          setImmediate(() => {
            picker.selectedItems = picker.items.slice(0, 1);
            if (lists > 4) hide();
            else accept();
          }),
      };
      return picker;
    };
    const window = {
      createQuickPick,
      showWarningMessage: (message: string) => {
        said.push(message);
        return Promise.resolve(button);
      },
      showInformationMessage: (message: string) => Promise.resolve(left.push(message)),
    } as unknown as typeof vscode.window;
    const sharing = new Sharing({ window, memento: new FakeMemento() });
    await sharing.keep('refused');
    await manageConsents({
      window,
      sharing,
      backButton: {} as vscode.QuickInputButton,
      icon: () => ({}) as vscode.IconPath,
      consents,
      secrets: { plainOrigins: () => [...plain], allowPlainly: (origin) => Promise.resolve(void plain.delete(origin)) },
    });
    return { consents, plain, sharing, said, left };
  }

  it('takes back what is picked, after asking, until nothing is left', async () => {
    const { consents, plain, sharing, said, left } = await managed('Take Back');
    expect([consents.all(), plain.size, sharing.answer]).toEqual([[], 0, undefined]);
    expect(said).toEqual([
      'Take back your consent for https://api.openai.com?',
      'Stop sending the API key for http://10.0.0.5:8000 unencrypted?',
      'Take back that other extensions may not use Paddock’s models?',
    ]);
    expect(left).toEqual(['Paddock: There are no consents. What leaves this computer is asked first.']);
  });

  it('takes nothing back that the user did not confirm', async () => {
    const { consents, plain, sharing } = await managed(undefined);
    expect([consents.all().length, plain.size, sharing.answer]).toEqual([1, 1, 'refused']);
  });
});
