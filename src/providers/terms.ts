/** Where the vendors of closed APIs say what they do with what they are sent: links to their own words, none of ours. */
import type { CardId } from '../models/model.ts';

/** What a statement is about: how long it is kept, whether models are trained with it, where in the world it is handled. */
export type Subject = 'retention' | 'training' | 'region';

/** A page of the vendor's own. */
export interface Statement {
  /** What one may look for there; what it says, only the page tells. */
  readonly about: readonly Subject[];
  /** What the vendor calls it. */
  readonly title: string;
  readonly url: string;
  /** `copy`: a stored copy of the page was read on that day; `no`: the address was noted without opening it. */
  readonly wasRead: 'copy' | 'no';
}

/** The day on which the addresses below were noted. Pages move and change: the vendor's own site is what counts. */
export const termsNotedOn = '2026-11-22';

const openai: readonly Statement[] = [
  {
    about: ['retention', 'training'],
    title: 'Data controls in the OpenAI platform',
    url: 'https://developers.openai.com/api/docs/guides/your-data',
    wasRead: 'copy',
  },
  {
    about: ['region'],
    title: 'Data residency',
    url: 'https://developers.openai.com/api/docs/guides/data-residency',
    wasRead: 'copy',
  },
];

const anthropic: readonly Statement[] = [
  {
    about: ['retention'],
    title: 'How long do you store my organization’s data?',
    url: 'https://privacy.anthropic.com/en/articles/7996866-how-long-do-you-store-personal-data',
    wasRead: 'copy',
  },
  {
    about: ['training'],
    title: 'Commercial Terms of Service',
    url: 'https://www.anthropic.com/legal/commercial-terms',
    wasRead: 'no',
  },
  {
    about: ['region'],
    title: 'Data residency',
    url: 'https://platform.claude.com/docs/en/manage-claude/data-residency',
    wasRead: 'copy',
  },
];

const gemini: readonly Statement[] = [
  {
    about: ['retention'],
    title: 'Zero data retention in the Gemini Developer API',
    url: 'https://ai.google.dev/gemini-api/docs/zdr',
    wasRead: 'copy',
  },
  {
    about: ['training', 'region'],
    title: 'Gemini API Additional Terms of Service',
    url: 'https://ai.google.dev/gemini-api/terms',
    wasRead: 'no',
  },
];

const mistral: readonly Statement[] = [
  {
    about: ['retention', 'training'],
    title: 'Trust, Security & Compliance',
    url: 'https://help.mistral.ai/en/collections/789666-trust-security-compliance',
    wasRead: 'copy',
  },
  {
    about: ['region'],
    title: 'Regional inference',
    url: 'https://docs.mistral.ai/studio/regional-inference',
    wasRead: 'no',
  },
];

const azure: readonly Statement[] = [
  {
    about: ['retention', 'training', 'region'],
    title: 'Data, privacy, and security for Azure Direct Models',
    url: 'https://learn.microsoft.com/en-us/legal/cognitive-services/openai/data-privacy',
    wasRead: 'no',
  },
];

const deepseek: readonly Statement[] = [
  {
    about: ['retention', 'region'],
    title: 'DeepSeek Privacy Policy',
    url: 'https://cdn.deepseek.com/policies/en-US/deepseek-privacy-policy.html',
    wasRead: 'no',
  },
  {
    about: ['training'],
    title: 'DeepSeek Open Platform Terms of Service',
    url: 'https://cdn.deepseek.com/policies/en-US/deepseek-open-platform-terms-of-service.html',
    wasRead: 'no',
  },
];

const groq: readonly Statement[] = [
  {
    about: ['retention', 'region'],
    title: 'Your Data in GroqCloud',
    url: 'https://console.groq.com/docs/your-data',
    wasRead: 'copy',
  },
  {
    about: ['training'],
    title: 'Groq Services Agreement',
    url: 'https://console.groq.com/docs/legal/services-agreement',
    wasRead: 'no',
  },
];

const openrouter: readonly Statement[] = [
  {
    about: ['retention', 'training'],
    title: 'Provider Logging',
    url: 'https://openrouter.ai/docs/guides/privacy/provider-logging',
    wasRead: 'copy',
  },
  {
    about: ['retention'],
    title: 'Zero Data Retention',
    url: 'https://openrouter.ai/docs/guides/privacy/zero-data-retention',
    wasRead: 'copy',
  },
  { about: ['region'], title: 'Privacy Policy', url: 'https://openrouter.ai/privacy', wasRead: 'no' },
];

const together: readonly Statement[] = [
  {
    about: ['retention', 'training', 'region'],
    title: 'Privacy and security',
    url: 'https://docs.together.ai/docs/privacy-and-security',
    wasRead: 'copy',
  },
  {
    about: ['retention'],
    title: 'Zero data retention',
    url: 'https://docs.together.ai/docs/zero-data-retention',
    wasRead: 'copy',
  },
];

const statements: Partial<Record<CardId, readonly Statement[]>> = {
  openai,
  anthropic,
  gemini,
  mistral,
  codestral: mistral,
  azure,
  deepseek,
  groq,
  openrouter,
  together,
};

/** The vendor's statements about what it is sent; `undefined`: people run such a server themselves. */
export function termsOf(card: CardId): readonly Statement[] | undefined {
  return statements[card];
}
