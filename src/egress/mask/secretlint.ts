/**
 * secretlint's rules, one by one and without its engine: a rule is a function over a text that reports places. Its
 * configuration, its allow lists, its comments that switch rules off and its engine's debug switches play no part here.
 */
import type { Detect, Span } from './span.ts';

/** What we use of the package's shape (`@secretlint/types`). */
interface Rule {
  readonly meta: { readonly id: string };
  create(context: RuleContext, options: object): { file?(source: Source): unknown };
}
interface RuleContext {
  readonly createTranslator: () => (id: string) => { readonly messageId: string };
  readonly report: (found: {
    readonly message: { readonly messageId: string };
    readonly range: readonly number[];
  }) => void;
  readonly ignore: () => void;
  readonly sharedOptions: object;
}
/** `filePath` stays empty: a rule that is given a path may read that file. */
interface Source {
  readonly content: string;
  readonly contentType: 'text';
  readonly filePath: '';
  readonly ext: '';
}

/**
 * The rules in use. Of the package's 28 these are left out: `filter-comments` lets a key out where a comment says so;
 * `gcp` reads the file and reports all of it, where our own rule finds the key in it; `basicauth`,
 * `database-connection-string` and `privatekey` report whole addresses and blocks, where our own rules find the secret
 * in them, with more characters in passwords and without exceptions for words.
 */
export const usedRules: readonly string[] = [
  ...['1password', 'anthropic', 'aws', 'cloudflare', 'databricks', 'docker', 'figma', 'github', 'gitlab', 'grafana'],
  ...['groq', 'hashicorp-vault', 'huggingface', 'linear', 'notion', 'npm', 'openai', 'sendgrid', 'shopify', 'slack'],
  ...['stripe', 'tailscale', 'vercel'],
];

const prefix = '@secretlint/secretlint-rule-';
/** Access ids and account ids of AWS are found only when asked for. */
const options = { enableIDScanRule: true };

/** Loads the rules. Throws when the package no longer has one of them. */
export async function loadSecretlint(): Promise<Detect> {
  const { rules } = (await import('@secretlint/secretlint-rule-preset-recommend')) as unknown as {
    rules: readonly Rule[];
  };
  let found: Span[] = [];
  const files = usedRules.map((name) => {
    const rule = rules.find(({ meta }) => meta.id === prefix + name);
    const context: RuleContext = {
      createTranslator: () => (messageId) => ({ messageId }),
      report: ({ range: [start = 0, end = 0] }) => void found.push({ start, end, rule: name }),
      ignore: () => undefined,
      sharedOptions: {},
    };
    const handlers = rule?.create(context, options);
    if (handlers?.file === undefined) throw new Error(`secretlint has no rule "${name}" any more.`);
    return handlers.file.bind(handlers);
  });
  return (content) => {
    found = [];
    for (const file of files) file({ content, contentType: 'text', filePath: '', ext: '' });
    return found;
  };
}
