/**
 * Secrets that tell what they are by themselves: a prefix, a length, an alphabet. Data, each from the issuer's own
 * documentation or from the formats that secret scanners publish; secretlint knows some of them too, in stricter forms.
 *
 * No pattern repeats without a bound, and no repeat stands within another: matching takes a bounded number of steps at
 * each character whatever the text is.
 */
import type { Span } from './span.ts';
import { isMadeUp, looksRandom } from './value.ts';

interface TokenRule {
  readonly id: string;
  /** Flags `gd`. Group 1, where there is one, is the secret; else all of it is. */
  readonly pattern: RegExp;
  /** The shape alone does not tell it from a word: the part after the prefix must also look drawn by lot. */
  readonly isLoose?: true;
  /** Looked for only in a text that has this; saves time where a pattern begins like any word. */
  readonly beside?: RegExp;
}

/** @param source what stands at the start of a word; the word's rest belongs to the secret as well. */
function token(id: string, source: string): TokenRule {
  return { id, pattern: new RegExp(`(?<![A-Za-z0-9])(?:${source})`, 'gd') };
}

function loose(id: string, source: string): TokenRule {
  return { ...token(id, source), isLoose: true };
}

function within(id: string, pattern: RegExp): TokenRule {
  return { id, pattern };
}

function beside(sign: RegExp, rule: TokenRule): TokenRule {
  return { ...rule, beside: sign };
}

const uuid = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

const clouds: readonly TokenRule[] = [
  token('aws', '(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])'),
  token('aws', 'ABSK[A-Za-z0-9+/]{100,400}={0,2}'),
  token('aws', 'bedrock-api-key-[A-Za-z0-9+/=]{20,4000}'),
  token('aws', `amzn\\.mws\\.${uuid}`),
  token('google', 'AIza[A-Za-z0-9_-]{35}'),
  token('google', 'GOCSPX-[A-Za-z0-9_-]{20,64}'),
  token('google', 'ya29\\.[A-Za-z0-9_-]{20,2000}'),
  token('google', '1//0[A-Za-z0-9_-]{35,500}'),
  loose('google', 'AQ\\.[A-Za-z0-9_-]{40,200}'),
  within('azure', /[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}/dg),
  beside(/JQQJ99/, token('azure', '[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{20,32}')),
  within('azure', /(?:AccountKey|SharedAccessKey|SharedAccessSignature|AccessKey)=([A-Za-z0-9+/=%&:._-]{20,600})/dg),
  within('azure', /[?&]sig=([A-Za-z0-9%+/=_-]{30,200})/dg),
  beside(
    /AzSe|AzFu|AzCa|\+ACR|\+ASt|ACDb|AIoT|AEhb|ASbT/,
    token('azure', '[A-Za-z0-9+/]{33,72}(?:AzSe|AzFu|AzCa|\\+ACR|\\+ASt|ACDb|AIoT|AEhb|ASbT)[A-Za-z0-9+/]{5,47}={0,2}'),
  ),
  token('alibaba', 'LTAI[A-Za-z0-9]{12,30}(?![A-Za-z0-9])'),
  token('tencent', 'AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  token('baidu', 'bce-v3/ALTAK-[A-Za-z0-9]{21}/[a-f0-9]{40}'),
  token('yandex', 'AQVN[A-Za-z0-9_-]{35,38}'),
  token('yandex', 'y[0-3]_[A-Za-z0-9_-]{50,80}'),
  token('digitalocean', 'do[oprt]_v1_[a-f0-9]{64}'),
  token('heroku', 'HRKU-[A-Za-z0-9_-]{30,80}'),
  within('heroku', new RegExp(`heroku[\\w.-]{0,40}["']?[ \\t]{0,4}(?:=>|:=|[=:])[ \\t]{0,4}["']?(${uuid})`, 'gdi')),
  token('cloudflare', 'v1\\.0-[a-f0-9]{24}-[a-f0-9]{146}'),
  token('netlify', 'nf[pcoub]_[A-Za-z0-9]{36}'),
  token('vercel', 'vc[piark]_[A-Za-z0-9]{20,60}'),
  token('fly', '(?:fo1_[A-Za-z0-9_-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{60,2000}={0,3})'),
  token('render', 'rnd_[A-Za-z0-9]{32}'),
  token('scaleway', 'SCW[A-Z0-9]{17}(?![A-Za-z0-9])'),
  token('supabase', '(?:sbp_(?:v0_)?[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,60})'),
  token('planetscale', 'pscale_(?:tkn|pw|oauth)_[A-Za-z0-9=._-]{32,64}'),
  token('neon', 'napi_[a-z0-9]{40,80}'),
  token('vault', 'hv[sbr]\\.[A-Za-z0-9_-]{24,300}'),
  loose('vault', 's\\.[A-Za-z0-9]{24}(?![A-Za-z0-9.(_])'),
  beside(/\.atlasv1\./, token('terraform', '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,80}')),
  token('pulumi', 'pul-[a-f0-9]{40}'),
  token('doppler', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[a-z0-9_-]{2,35}\\.)?[A-Za-z0-9]{40,44}'),
  token('databricks', 'dapi[a-f0-9]{32}(?:-[0-9])?'),
  token('tailscale', 'tskey-[a-z]{2,20}-[A-Za-z0-9_]{8,40}(?:-[A-Za-z0-9_]{16,60})?'),
  token('infisical', 'st\\.[a-f0-9]{24}\\.[a-f0-9]{32}\\.[a-f0-9]{32}'),
  token('onepassword', 'ops_eyJ[A-Za-z0-9+/=_-]{100,4000}'),
  token('onepassword', 'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}'),
];

const code: readonly TokenRule[] = [
  token('github', 'gh[pousr]_[A-Za-z0-9_]{36,255}'),
  token('github', 'ghs_[0-9]{1,20}_[A-Za-z0-9_-]{1,1000}\\.[A-Za-z0-9_-]{1,8000}\\.[A-Za-z0-9_-]{1,1000}'),
  token('github', 'github_pat_[A-Za-z0-9_]{22,255}'),
  token(
    'gitlab',
    'gl(?:pat|dt|rt|rtr|ptt|cbt|imt|agent|oas|soat|ffct|ft)-[A-Za-z0-9_-]{20,300}(?:\\.[A-Za-z0-9_-]{2,9}){0,3}',
  ),
  token('gitlab', 'GR1348941[A-Za-z0-9_-]{20}'),
  token('bitbucket', 'ATBB[A-Za-z0-9]{28}[A-F0-9]{4}'),
  token('atlassian', 'AT(?:ATT|CTT)3[A-Za-z0-9_=-]{60,300}'),
  token('npm', 'npm_[A-Za-z0-9]{36,64}'),
  within('npm', /_(?:authToken|auth|password)=["']?([^\s"'${}]{8,1000})/dg),
  token('pypi', 'pypi-[A-Za-z0-9_-]{50,1000}'),
  token('rubygems', 'rubygems_[a-f0-9]{48}'),
  token('crates', 'cio[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  token('nuget', 'oy2[a-z0-9]{43}(?![A-Za-z0-9])'),
  token('clojars', 'CLOJARS_[A-Za-z0-9]{60}'),
  token('docker', 'dckr_[op]at_[A-Za-z0-9_-]{24,64}'),
  token('artifactory', 'AKC[a-z][A-Za-z0-9]{60,80}'),
  token('artifactory', 'cmVmd[A-Za-z0-9]{55,70}'),
  token('sourcegraph', 'sgp_(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}'),
  token('sonar', 'sq[pua]_[a-f0-9]{40}'),
  token('snyk', `snyk_(?:uat|sat)\\.[A-Za-z0-9]{8}\\.[A-Za-z0-9_.-]{20,800}`),
  token('circleci', 'CCI(?:PAT|PRJ)_[A-Za-z0-9]{15,30}_[a-f0-9]{40}'),
  token('buildkite', 'bk(?:ua|at|ct|pt)_[A-Za-z0-9]{40,64}'),
  token('postman', 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'),
  token('figma', 'fig[dou]r?_[A-Za-z0-9_-]{40,200}'),
  token('linear', 'lin_(?:api|oauth|wh)_[A-Za-z0-9_]{32,128}'),
  token('prefect', 'pn[ub]_[a-z0-9]{36}'),
  token('readme', 'rdme_[a-z0-9]{60,80}'),
];

const models: readonly TokenRule[] = [
  token('anthropic', 'sk-ant-[a-z]{2,10}[0-9]{2}-[A-Za-z0-9_-]{20,300}'),
  token('openai', 'sk-(?:proj|svcacct|admin|None|service)-[A-Za-z0-9_-]{20,300}'),
  token('openrouter', 'sk-or-v1-[a-f0-9]{64}'),
  token('langfuse', `(?:sk|pk)-lf-${uuid}`),
  loose('openai', 'sk-[A-Za-z0-9_-]{20,300}'),
  token('huggingface', '(?:hf|api_org)_[A-Za-z0-9]{30,64}'),
  token('groq', 'gsk_[A-Za-z0-9]{40,64}'),
  token('xai', 'xai-[A-Za-z0-9]{60,100}'),
  token('perplexity', 'pplx-[A-Za-z0-9]{40,64}'),
  token('replicate', 'r8_[A-Za-z0-9]{37,40}'),
  token('cerebras', 'csk-[a-z0-9]{40,64}'),
  token('nvidia', 'nvapi-[A-Za-z0-9_-]{40,100}'),
  token('together', 'tgp_v1_[A-Za-z0-9_-]{40,64}'),
  loose('fireworks', 'fw_[A-Za-z0-9]{20,40}'),
  token('langsmith', 'lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}'),
  token('pinecone', 'pc(?:sk|lsk)_[A-Za-z0-9_]{40,100}'),
  token('elevenlabs', 'sk_[a-f0-9]{48}'),
  token('wandb', 'wandb_v1_[A-Za-z0-9_-]{40,100}'),
  loose('voyage', 'pa-[A-Za-z0-9_-]{40,64}'),
  loose('tavily', 'tvly-[A-Za-z0-9_-]{20,64}'),
  loose('firecrawl', 'fc-[a-f0-9]{32}'),
  loose('apify', 'apify_api_[A-Za-z0-9]{30,40}'),
];

const money: readonly TokenRule[] = [
  token('stripe', '(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{16,250}'),
  token('stripe', 'whsec_[A-Za-z0-9+/=]{24,100}'),
  token('square', '(?:sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9_-]{56,64})'),
  token('braintree', 'access_token\\$(?:production|sandbox)\\$[a-z0-9]{16}\\$[a-f0-9]{32}'),
  token('plaid', `access-(?:sandbox|development|production)-${uuid}`),
  token('razorpay', 'rzp_(?:live|test)_[A-Za-z0-9]{14,40}'),
  token('flutterwave', 'FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,64}(?:-X)?'),
  token('adyen', 'AQE[a-z][A-Za-z0-9+/=._-]{60,200}'),
  token('shopify', 'shp(?:at|ca|pa|ss|ua)_[A-Za-z0-9]{32,64}'),
  token('easypost', 'EZ[AT]K[A-Za-z0-9]{54}'),
  token('shippo', 'shippo_(?:live|test)_[a-f0-9]{40}'),
  token('duffel', 'duffel_(?:live|test)_[A-Za-z0-9_=-]{43}'),
];

const talk: readonly TokenRule[] = [
  loose('slack', 'xox[abceoprs]-[A-Za-z0-9-]{10,300}'),
  token('slack', 'x(?:app|wfp)-[0-9]-[A-Za-z0-9-]{10,300}'),
  within('slack', /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9+/_-]{20,200})/dg),
  token('discord', '[MNO][A-Za-z0-9_-]{23,28}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,42}'),
  within('discord', /discord(?:app)?\.com\/api\/(?:v[0-9]{1,2}\/)?webhooks\/([0-9]{15,22}\/[A-Za-z0-9_-]{40,100})/dg),
  within('teams', /\.webhook\.office\.com\/webhookb2\/([A-Za-z0-9@/-]{60,300})/dg),
  token('telegram', '[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])'),
  token('twilio', '(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])'),
  token('sendgrid', 'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}'),
  token('mailgun', '(?:key|pubkey)-[0-9a-f]{32}(?![A-Za-z0-9])'),
  beside(/-[0-9a-f]{8}-[0-9a-f]{8}\b/, token('mailgun', '[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![A-Za-z0-9])')),
  beside(/-us[0-9]/, token('mailchimp', '[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])')),
  token('brevo', 'x(?:keysib|smtpsib)-[a-f0-9]{64}-[A-Za-z0-9]{16}'),
  loose('resend', 're_[A-Za-z0-9]{6,12}_[A-Za-z0-9]{20,30}'),
  token('meta', 'EAA[A-Za-z0-9]{90,400}'),
  token('twitter', 'A{20,22}[A-Za-z0-9]{1,80}%[A-Za-z0-9%]{20,150}'),
  token('hubspot', `pat-(?:na|eu|ap)[0-9]-${uuid}`),
  token('intercom', 'dG9rO[A-Za-z0-9+/=]{50,70}'),
];

const watching: readonly TokenRule[] = [
  token('grafana', 'gl(?:c_[A-Za-z0-9+/]{32,400}={0,3}|sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})'),
  token('grafana', 'eyJrIjoi[A-Za-z0-9+/=]{40,400}'),
  token('newrelic', 'NR(?:AK|AL|II|IQ|JS|RA)-[A-Za-z0-9_-]{19,40}'),
  token('sentry', 'sntry[su]_[A-Za-z0-9+/=_-]{40,800}'),
  token('dynatrace', 'dt0[a-z][0-9]{2}\\.[A-Z0-9]{8,24}\\.[A-Z0-9]{64}'),
  token('posthog', 'phx_[A-Za-z0-9_]{40,60}'),
  token('honeycomb', 'hc[abx][a-z]{2}_[a-z0-9]{58}'),
  token('logfire', 'pylf_v[0-9]_[a-z]{2}_[A-Za-z0-9]{40,60}'),
];

const work: readonly TokenRule[] = [
  token('notion', 'ntn_[A-Za-z0-9]{40,60}'),
  loose('notion', 'secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])'),
  token('airtable', 'pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}'),
  token('asana', '[0-9]/[0-9]{15,17}(?:/[0-9]{15,17})?:[a-f0-9]{32}'),
  token('dropbox', 'sl\\.(?:u\\.)?[A-Za-z0-9_-]{100,2000}'),
  token('typeform', 'tfp_[A-Za-z0-9_.=-]{40,70}'),
  token('contentful', 'CFPAT-[A-Za-z0-9_-]{43}'),
  token('mapbox', 'sk\\.eyJ[A-Za-z0-9_-]{40,200}\\.[A-Za-z0-9_-]{20,40}'),
  token('algolia', 'alg_[A-Za-z0-9]{40,64}'),
  token('zapier', 'zpka_[a-z0-9]{32}_[a-z0-9]{8}'),
  loose('clickup', 'pk_[0-9]{6,9}_[A-Z0-9]{32}'),
  token('age', 'AGE-SECRET-KEY-1[0-9A-Z]{58}'),
];

const formats: readonly TokenRule[] = [
  within('jwt', /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{4,16000}\.[A-Za-z0-9_-]{0,16000}/dg),
  beside(/"kty"/, within('jwk', /"(?:d|p|q|dp|dq|qi|k)"[ \t]{0,4}:[ \t]{0,4}"([A-Za-z0-9_-]{20,1500})"/dg)),
];

/** Every rule, so that tests can look at the patterns. */
export const tokenRules: readonly TokenRule[] = [
  ...clouds,
  ...code,
  ...models,
  ...money,
  ...talk,
  ...watching,
  ...work,
  ...formats,
];

/** The secrets that tell by their own form what they are. */
export function findTokens(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { id, pattern, isLoose, beside } of tokenRules) {
    if (beside?.test(text) === false) continue;
    for (const match of text.matchAll(pattern)) {
      const [start, end] = match.indices?.[1] ?? match.indices?.[0] ?? [0, 0];
      const secret = text.slice(start, end);
      if (isMadeUp(secret) || (isLoose && !looksRandom(secret.replace(/^[A-Za-z]{2,8}[-_]/, '')))) continue;
      found.push({ start, end: endOfWord(text, end), rule: id });
    }
  }
  return found;
}

/** A token longer than its rule knows does not leave with its end. */
function endOfWord(text: string, end: number): number {
  let at = end;
  while (at < text.length && /[A-Za-z0-9_]/.test(text.charAt(at))) at += 1;
  return at;
}
