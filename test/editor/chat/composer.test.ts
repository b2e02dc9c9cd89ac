import { expect, it, onTestFinished } from 'vitest';
import type { ModelPill, ToWebview } from '../../../src/chat/protocol.ts';
import { Emitter } from '../../../src/base/emitter.ts';
import { Composer, type ComposerNeeds, type Estimate } from '../../../src/editor/chat/composer.ts';
import { FakeClock } from '../../support/clock.ts';

const local: ModelPill = { name: 'Llama', exposure: 'inProcess', routeWords: 'this computer' };
const cloud: ModelPill = { name: 'GPT', exposure: 'internet', routeWords: 'internet: api.openai.com' };

it('shows no estimate of the model that was chosen before', async () => {
  const clock = new FakeClock();
  const state = { pill: local };
  const counting: PromiseWithResolvers<Estimate>[] = [];
  const chips = { attachments: [], views: [], onDidChange: new Emitter<void>().event };
  const told: ToWebview[] = [];
  const needs = {
    ...{ chips, clock, pill: () => state.pill, blocked: () => undefined, rulesInThread: () => undefined },
    otherWorkspace: () => undefined,
    ...{ tell: (message: ToWebview) => void told.push(message), memory: { get: () => '', set: () => undefined } },
    estimate() {
      const pending = Promise.withResolvers<Estimate>();
      counting.push(pending);
      return pending.promise;
    },
  };
  const composer = new Composer(needs as unknown as ComposerNeeds);
  onTestFinished(() => composer.dispose());
  composer.draft = 'What is this?';
  await clock.advance(1_000);
  counting[0]?.resolve({ footer: '12 tokens → this computer', footerHover: '', leftOut: [] });
  await clock.advance(0);
  expect(composer.view.footer).toBe('12 tokens → this computer');
  state.pill = cloud;
  composer.changed();
  expect(composer.view).toMatchObject({ model: cloud, footer: '' });
  await clock.advance(1_000);
  state.pill = local;
  counting[1]?.resolve({ footer: '≈12 tokens → api.openai.com', footerHover: '', leftOut: [] });
  await clock.advance(0);
  expect(composer.view).toMatchObject({ model: local, footer: '' });
});

it('keeps a question as a draft until it is on disk, whatever the page says meanwhile', () => {
  const kept: string[] = [];
  const chips = { attachments: [], views: [], onDidChange: new Emitter<void>().event };
  const needs = {
    ...{ chips, clock: new FakeClock(), blocked: () => undefined, tell: () => undefined },
    memory: { get: () => '', set: (draft: string) => void kept.push(draft) },
  };
  const composer = new Composer(needs as unknown as ComposerNeeds);
  onTestFinished(() => composer.dispose());
  composer.draft = 'What is';
  composer.hold('What is this?');
  composer.draft = '';
  expect(kept.at(-1)).toBe('What is this?');
  composer.draft = 'And that';
  expect(kept.at(-1)).toBe('And that What is this?');
  expect(composer.texts).toEqual({ draft: 'And that', sending: 'What is this?' });
  composer.draft = '';
  composer.release();
  expect(kept.at(-1)).toBe('');
});

it('says of a question that could not be asked that it is back, until the page says that it has it', () => {
  const chips = { attachments: [], views: [], onDidChange: new Emitter<void>().event };
  const needs = {
    ...{ chips, clock: new FakeClock(), blocked: () => undefined, tell: () => undefined },
    memory: { get: () => '', set: () => undefined },
  };
  const composer = new Composer(needs as unknown as ComposerNeeds);
  onTestFinished(() => composer.dispose());
  composer.draft = 'And that';
  composer.giveBack('What is this?');
  expect(composer.texts).toEqual({ draft: 'And that What is this?', givenBack: 'What is this?' });
  composer.draft = 'And that?';
  expect(composer.texts, 'it was on its way').toEqual({ draft: 'And that?', givenBack: 'What is this?' });
  composer.draft = 'And that? What is this?';
  expect(composer.texts).toEqual({ draft: 'And that? What is this?' });
  composer.giveBack('One');
  composer.giveBack('Two');
  expect(composer.texts.givenBack, 'both of them').toBe('One Two');
  composer.move('Of another conversation');
  expect(composer.texts).toEqual({ draft: 'Of another conversation' });
});

it('says where a conversation of another workspace has its rules from, and why those of this one do not go along', () => {
  const rules = { id: 'r', kind: 'rules', name: 'AGENTS.md', tokens: 9, parts: [{ uri: 'file:///shop/AGENTS.md' }] };
  const chip = { kind: 'rules', name: 'CLAUDE.md', state: 'offered' };
  const attached = { ...chip, name: 'AGENTS.md', state: 'attached' };
  const chips = { attachments: [], views: [chip, attached], onDidChange: new Emitter<void>().event };
  const needs = {
    ...{ chips, clock: new FakeClock(), pill: () => undefined, blocked: () => undefined, rulesInThread: () => rules },
    ...{ otherWorkspace: () => 'shop', isHere: (uri: string) => uri.startsWith('file:///bank/') },
  };
  const composer = new Composer(needs as unknown as ComposerNeeds);
  onTestFinished(() => composer.dispose());
  expect(composer.view.chips.map(({ name, state, why }) => [name, state, why])).toEqual([
    ['AGENTS.md (another workspace)', 'inThread', undefined],
    ['CLAUDE.md', 'offered', 'this chat began in “shop”. Add it if it fits.'],
    ['AGENTS.md', 'attached', undefined],
  ]);
});
