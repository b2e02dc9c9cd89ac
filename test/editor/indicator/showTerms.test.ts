import { describe, expect, it } from 'vitest';
import { showTerms } from '../../../src/editor/indicator/showTerms.ts';
import { termsOf } from '../../../src/providers/terms.ts';
import { codestral, gpt, llama, statusOf, type Placed } from '../../support/indicatorLedger.ts';
import { Person, type Act } from '../../support/person.ts';

/** What was seen and opened after these acts, while these models are in use. */
async function shown(inUse: readonly Placed[], card: unknown, ...acts: readonly Act[]) {
  const [completion, chat] = inUse;
  const { status } = await statusOf({ completion, chat });
  const person = new Person(...acts);
  const opened: string[] = [];
  await showTerms({ ...person.needs, state: status.state, open: (url) => opened.push(url) }, card);
  return { titles: person.seen.map(({ title }) => title), saw: person.saw(''), opened, left: person.left };
}

describe('the list of a vendor’s terms', () => {
  it('opens the page that is picked, of the vendor that was named', async () => {
    const { titles, saw, opened } = await shown([llama, llama], 'groq', { pick: 'Your Data in GroqCloud' });
    expect(titles).toEqual(['What Groq says about what it is sent']);
    expect(saw).toContain('how long it is kept, where it is handled');
    expect(opened).toEqual(['https://console.groq.com/docs/your-data']);
  });

  it('is that of the one vendor in use, where nobody names one', async () => {
    const { titles, opened } = await shown([llama, gpt], undefined, { pick: 'Data residency' });
    expect(titles).toEqual(['What OpenAI says about what it is sent']);
    expect(opened).toEqual([termsOf('openai')?.[1]?.url]);
  });

  it('lets the user say whose, those in use first, and come back', async () => {
    const acts: Act[] = [{ pick: 'DeepSeek' }, 'back', { pick: 'Codestral' }, { pick: /Trust/ }];
    const { titles, saw, opened, left } = await shown([codestral, gpt], undefined, ...acts);
    expect(titles).toEqual(['Terms', 'What DeepSeek says about what it is sent', 'Terms', expect.any(String)]);
    expect(saw).toContain('not opened when it was noted');
    expect(saw.indexOf('Codestral')).toBeLessThan(saw.indexOf('Anthropic'));
    expect(opened).toEqual([termsOf('codestral')?.[0]?.url]);
    expect(left).toBe(0);
  });

  it.each(['ollama', 'https://evil.example', { url: 'https://evil.example' }, null])(
    'opens nothing else, whoever runs the command with %j',
    async (card) => {
      const { titles, opened } = await shown([llama, llama], card, 'escape');
      expect(titles).toEqual(['Terms']);
      expect(opened).toEqual([]);
    },
  );
});
