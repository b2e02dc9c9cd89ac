import { expect, it, onTestFinished } from 'vitest';
import type { ToWebview } from '../../../src/chat/protocol.ts';
import { frameMs, Outbox } from '../../../src/editor/chat/outbox.ts';
import { FakeClock } from '../../support/clock.ts';

const delta = (text: string, turnId = 't1'): ToWebview => ({
  ...{ type: 'delta', threadId: 'c1', turnId, text, reasoning: '' },
});
const notice = (text: string): ToWebview => ({ type: 'notice', text });
const reading = (readTokens: number, turnId = 't1'): ToWebview => ({
  ...{ type: 'reading', threadId: 'c1', turnId, reading: { readTokens, totalTokens: 100 } },
});
const state = { type: 'state', state: { draft: '' } } as unknown as ToWebview;

function listening() {
  const clock = new FakeClock();
  const outbox = new Outbox(clock);
  onTestFinished(() => outbox.dispose());
  const told: ToWebview[] = [];
  const leave = outbox.open((message) => told.push(message));
  return { leave, clock, outbox, told };
}

it('keeps the order of everything else', async () => {
  const { clock, outbox, told } = listening();
  for (const each of [delta('a'), notice('n'), delta('b'), delta('c', 't2')]) outbox.tell(each);
  await clock.advance(frameMs);
  expect(told).toEqual([delta('a'), notice('n'), delta('b'), delta('c', 't2')]);
});

it('tells only the newest of what replaces what was told', async () => {
  const { clock, outbox, told } = listening();
  for (const each of [reading(1), reading(2, 't2'), reading(3), notice('n')]) outbox.tell(each);
  await clock.advance(frameMs);
  expect(told).toEqual([reading(2, 't2'), reading(3), notice('n')]);
});

it('tells nothing that a whole new picture says anyway', async () => {
  const { clock, outbox, told } = listening();
  for (const each of [delta('a'), notice('n'), reading(1), state]) outbox.tell(each);
  await clock.advance(frameMs);
  expect(told).toEqual([notice('n'), state]);
});

it('keeps nothing while nobody listens', async () => {
  const { leave, clock, outbox, told } = listening();
  outbox.tell(delta('a'));
  leave();
  outbox.tell(delta('b'));
  await clock.advance(frameMs);
  outbox.open((message) => told.push(message));
  await clock.advance(frameMs);
  expect(told).toEqual([]);
  expect(clock.waiting).toBe(0);
});

it('tells whoever listens now what is said after the one before left late', async () => {
  const { leave, clock, outbox } = listening();
  const toldNext: ToWebview[] = [];
  outbox.open((message) => toldNext.push(message));
  outbox.tell(notice('n'));
  leave();
  outbox.tell(delta('a'));
  await clock.advance(frameMs);
  expect(toldNext).toEqual([notice('n'), delta('a')]);
});
