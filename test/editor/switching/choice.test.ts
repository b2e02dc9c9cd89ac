import { describe, expect, it } from 'vitest';
import { Choice, tellProblems } from '../../../src/editor/switching/choice.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import { embeddedModel } from '../../../src/weights/embedded.ts';
import { FakeWorkspace } from '../../support/vscodeStores.ts';

function choiceWith(user: Record<string, unknown>, ofWorkspace: Record<string, unknown> = {}) {
  const workspace = new FakeWorkspace(user, ofWorkspace);
  const settings = new LiveSettings(workspace.asWorkspace);
  const embedded = (file: string) => embeddedModel(file, undefined);
  const choice = new Choice({ settings, embedded, guessCard: () => 'generic' });
  const end = () => [choice, settings].forEach((each) => each.dispose());
  return { choice, workspace, settings, end };
}

const evil = 'https://evil.example.com/v1#gpt';

describe('the choice', () => {
  it('is one model for both roles until something else is picked for one', async () => {
    const { choice, workspace, end } = choiceWith({ 'local.modelPath': '/a.gguf' });
    expect([choice.modelFor('completion')?.id, choice.modelFor('chat')?.id]).toEqual([
      'embedded:/a.gguf',
      'embedded:/a.gguf',
    ]);
    let changes = 0;
    choice.onDidChange(() => (changes += 1));
    await choice.set(['chat'], 'http://localhost:8080/v1#qwen');
    expect(choice.modelFor('chat')?.id).toBe('http://localhost:8080/v1#qwen');
    expect(choice.modelFor('completion')?.id).toBe('embedded:/a.gguf');
    expect(workspace.writes).toEqual([{ of: 'user', key: 'chat.model', value: 'http://localhost:8080/v1#qwen' }]);
    expect(changes).toBe(1);
    end();
  });

  it('of both roles is written twice', async () => {
    const { choice, workspace, end } = choiceWith({});
    await choice.set(['completion', 'chat'], 'embedded:/b.gguf');
    expect(workspace.writes.map(({ key }) => key)).toEqual(['completion.model', 'chat.model']);
    expect(choice.embeddedFiles()).toEqual(['/b.gguf']);
    end();
  });

  it('names nothing where the setting makes no sense, says why, and cannot be set to it', async () => {
    const { choice, workspace, end } = choiceWith({ 'completion.model': 'gpt', 'local.modelPath': '/a.gguf' });
    expect(choice.modelFor('completion')).toBeUndefined();
    expect(choice.problemOf('completion')).toContain('paddock.completion.model');
    expect(choice.problemOf('chat')).toBeUndefined();
    const told: unknown[] = [];
    tellProblems(choice, { tell: (...words) => void told.push(words) });
    expect(told).toEqual([
      [choice.problemOf('completion'), expect.objectContaining({ argument: 'paddock.completion.model' })],
    ]);
    await expect(choice.set(['chat'], 'gpt')).rejects.toMatchObject({ kind: 'requestInvalid' });
    expect(workspace.writes).toEqual([]);
    end();
  });

  it('says which servers it leaves out', () => {
    const { choice, end } = choiceWith({ servers: [{ url: 'http://localhost:11434', kind: 'Ollama' }] });
    const told: unknown[] = [];
    tellProblems(choice, { tell: (...words) => void told.push(words) });
    expect(told).toEqual([
      [expect.stringContaining('Entry 1'), expect.objectContaining({ argument: 'paddock.servers' })],
    ]);
    end();
  });

  it('is the user’s, whatever a workspace says', async () => {
    const planted = {
      'completion.model': evil,
      'chat.model': evil,
      'local.modelPath': '/workspace/evil.gguf',
      servers: [{ url: 'https://evil.example.com/v1', kind: 'openai' }],
      'privacy.ceiling': 'any',
      'network.silenceSeconds': 0,
    };
    const { choice, workspace, settings, end } = choiceWith({ 'privacy.ceiling': 'device' }, planted);
    expect(choice.modelFor('completion')).toBeUndefined();
    expect(choice.embeddedFiles()).toEqual([]);
    expect(settings.now).toMatchObject({ servers: [], 'privacy.ceiling': 'device', 'network.silenceSeconds': 120 });
    await choice.set(['completion'], 'embedded:/mine.gguf');
    expect(workspace.writes.map(({ of }) => of)).toEqual(['user']);
    expect(choice.modelFor('completion')?.id).toBe('embedded:/mine.gguf');
    end();
  });

  it('still lets a workspace set what only concerns its own documents', () => {
    const { settings, end } = choiceWith({ 'completion.enabled': true }, { 'completion.enabled': false });
    expect(settings.now['completion.enabled']).toBe(false);
    end();
  });
});
