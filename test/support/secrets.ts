/**
 * Made-up secrets of many kinds, each in a line as people write it. They are put together when a test runs, from parts
 * and a counter, so that no scanner takes this repository for one that leaks. Written from the issuers' descriptions of
 * their formats, not from the rules that have to find them.
 */

/** One secret where it stands. */
export interface Seed {
  readonly kind: string;
  readonly secret: string;
  /** What contains it; one line or, for keys, several. */
  readonly text: string;
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const base62 = lower + upper + digits;
const hex = '0123456789abcdef';
const base32 = `${upper}234567`;

/** All of them, the same at every call with the same number. */
export function seeds(lot = 1): readonly Seed[] {
  const draw = drawing(lot);
  const of = (alphabet: string, length: number): string => {
    const drawn = Array.from({ length }, () => alphabet[Math.floor(draw() * alphabet.length)]).join('');
    // A real key has letters and digits; one lot in many would not.
    const isWide = [...'q7R2'].every((letter) => alphabet.includes(letter));
    return length < 8 || !isWide ? drawn : `${drawn.slice(0, -4)}q7R2`;
  };
  const b64 = (text: string): string => Buffer.from(text).toString('base64');
  const b64url = (text: string): string => Buffer.from(text).toString('base64url');
  const uuid = (): string => [8, 4, 4, 4, 12].map((length) => of(hex, length)).join('-');
  const jwt = (): string =>
    [b64url('{"alg":"HS256","typ":"JWT"}'), b64url(`{"sub":"${of(digits, 10)}","admin":true}`), of(base62, 43)].join(
      '.',
    );
  const pemBody = (): string =>
    ['MII' + of(base62, 61), ...Array.from({ length: 10 }, () => of(base62 + '+/', 64)), of(base62, 30) + '=='].join(
      '\n',
    );
  const all: Seed[] = [];
  const add = (kind: string, secret: string, around: (secret: string) => string): void => {
    all.push({ kind, secret, text: around(secret) });
  };
  const js = (name: string) => (secret: string) => `const ${name} = '${secret}';`;
  const env = (name: string) => (secret: string) => `${name}=${secret}`;
  const yaml = (name: string) => (secret: string) => `  ${name}: ${secret}`;
  const json = (name: string) => (secret: string) => `  "${name}": "${secret}",`;
  const call = (name: string) => (secret: string) => `client = ${name}("${secret}")`;

  // Clouds
  add('AWS access key id', 'AKI' + 'A' + of(base32, 16), js('id'));
  add('AWS temporary key id', 'ASI' + 'A' + of(base32, 16), yaml('aws_access_key_id'));
  add('AWS secret key', of(base62 + '/+', 40), env('aws_secret_access_key'));
  add(
    'AWS secret key in code',
    of(base62 + '/', 40),
    (s) => `new Client({ credentials: { accessKeyId: id, secretAccessKey: "${s}" } })`,
  );
  add('AWS session token', of(base62 + '/+', 200), env('AWS_SESSION_TOKEN'));
  add('AWS account id', of('123456789', 12), (s) => `AWS_ACCOUNT_ID=${s}`);
  add('Google API key', 'AI' + 'za' + of(base62 + '_-', 35), js('mapsKey'));
  add('Google OAuth secret', 'GOC' + 'SPX-' + of(base62, 28), json('client_secret'));
  add('Google OAuth access token', 'ya' + '29.' + of(base62 + '_-', 120), js('session'));
  add('Google refresh token', '1/' + '/0' + of(base62 + '_-', 60), js('refresh'));
  add(
    'Azure storage key',
    of(base62 + '+/', 86) + '==',
    (s) => `"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=${s};EndpointSuffix=core.windows.net"`,
  );
  add(
    'Azure service bus',
    of(base62 + '+/', 43) + '=',
    (s) => `Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${s}`,
  );
  add('Azure client secret', of(base62, 3) + '8Q' + '~' + of(base62 + '_-.', 34), js('clientSecret'));
  add(
    'Azure SAS signature',
    of(base62, 43) + '%3D',
    (s) => `https://acct.blob.core.windows.net/c/b?sv=2024-01-01&se=2030-01-01&sp=r&sig=${s}`,
  );
  add('Azure OpenAI key', of(base62, 52) + 'JQQ' + 'J99' + of(base62, 26), env('AZURE_OPENAI_API_KEY'));
  add('Azure DevOps token', of(lower + digits, 52), env('AZURE_DEVOPS_EXT_PAT'));
  add('Alibaba access key', 'LT' + 'AI' + of(base62, 20), js('ak'));
  add('DigitalOcean token', 'do' + 'p_v1_' + of(hex, 64), env('DO_TOKEN'));
  add('Heroku API key, old', uuid(), env('HEROKU_API_KEY'));
  add('Heroku API key', 'HR' + 'KU-' + of(base62, 36), js('heroku'));
  add('Cloudflare token', of(base62 + '_-', 40), env('CLOUDFLARE_API_TOKEN'));
  add('Cloudflare global key', of(hex, 37), env('CLOUDFLARE_API_KEY'));
  add('Netlify token', 'nf' + 'p_' + of(base62, 36), js('netlify'));
  add('Fly token', 'fo' + '1_' + of(base62 + '_-', 43), js('fly'));
  add('Vault token', 'hv' + 's.' + of(base62 + '_-', 95), env('VAULT_TOKEN'));
  add('Terraform Cloud token', of(base62, 14) + '.atl' + 'asv1.' + of(base62, 67), (s) => `  token = "${s}"`);
  add('Pulumi token', 'pu' + 'l-' + of(hex, 40), js('pulumi'));
  add('Doppler token', 'dp' + '.pt.' + of(base62, 43), js('doppler'));
  add('Databricks token', 'da' + 'pi' + of(hex, 32), js('databricks'));
  add('Tailscale key', 'ts' + 'key-auth-' + of(base62, 17) + '-' + of(base62, 32), js('tailscale'));
  add('Supabase token', 'sb' + 'p_' + of(hex, 40), js('supabase'));
  add('PlanetScale token', 'pscale' + '_tkn_' + of(base62, 43), js('planetscale'));

  // Code hosts and registries
  add('GitHub token', 'gh' + 'p_' + of(base62, 36), js('gh'));
  add('GitHub fine-grained token', 'github' + '_pat_' + of(base62, 22) + '_' + of(base62, 59), env('GH'));
  add(
    'GitHub app token',
    'gh' + 's_' + of(base62, 36),
    (s) => `git clone https://x-access-token:${s}@github.com/o/r.git`,
  );
  add(
    'GitLab token',
    'gl' + 'pat-' + of(base62 + '_-', 20),
    (s) => `curl --header "PRIVATE-TOKEN: ${s}" https://gitlab.com/api/v4/projects`,
  );
  add('GitLab runner token', 'gl' + 'rt-' + of(base62, 20), yaml('token'));
  add('Bitbucket password', 'AT' + 'BB' + of(base62, 28) + of('0123456789ABCDEF', 4), js('bb'));
  add('Atlassian token', 'ATA' + 'TT3' + of(base62 + '_-', 180) + '=' + of('0123456789ABCDEF', 8), js('jira'));
  add('npm token', 'np' + 'm_' + of(base62, 36), (s) => `//registry.npmjs.org/:_authToken=${s}`);
  add('npm legacy token', uuid(), (s) => `//registry.npmjs.org/:_authToken=${s}`);
  add('npmrc basic', b64(`someone:${of(base62, 12)}`), (s) => `_auth=${s}`);
  add('PyPI token', 'py' + 'pi-AgEIcHlwaS5vcmc' + of(base62 + '_-', 140), (s) => `password = ${s}`);
  add('RubyGems key', 'rubygems' + '_' + of(hex, 48), yaml(':rubygems_api_key'));
  add('crates.io token', 'ci' + 'o' + of(base62, 32), (s) => `token = "${s}"`);
  add(
    'NuGet key',
    'oy' + '2' + of(lower + digits, 43),
    (s) => `dotnet nuget push a.nupkg --api-key ${s} --source nuget.org`,
  );
  add('Docker token', 'dckr' + '_pat_' + of(base62 + '_-', 27), (s) => `docker login -u me -p ${s}`);
  add('Docker config', b64(`someone:${of(base62, 16)}`), (s) => `{ "auths": { "ghcr.io": { "auth": "${s}" } } }`);
  add('Artifactory key', 'AK' + 'Cp' + of(base62, 69), js('artifactory'));
  add('CircleCI token', of(hex, 40), env('CIRCLE_TOKEN'));
  add('Sonar token', 'sq' + 'p_' + of(hex, 40), (s) => `sonar-scanner -Dsonar.token=${s}`);
  add('Postman key', 'PM' + 'AK-' + of(hex, 24) + '-' + of(hex, 34), js('postman'));

  // Models
  add('OpenAI key, old', 's' + 'k-' + of(base62, 20) + 'T3Blbk' + 'FJ' + of(base62, 20), js('openai'));
  add(
    'OpenAI project key',
    's' + 'k-proj-' + of(base62 + '_-', 74) + 'T3Blbk' + 'FJ' + of(base62 + '_-', 74),
    env('OPENAI_API_KEY'),
  );
  add('Anthropic key', 's' + 'k-ant-api03-' + of(base62 + '_-', 93) + 'AA', call('Anthropic'));
  add('OpenRouter key', 's' + 'k-or-v1-' + of(hex, 64), js('router'));
  add('DeepSeek key', 's' + 'k-' + of(hex, 32), js('deepseek'));
  add('Hugging Face token', 'h' + 'f_' + of(base62, 34), call('login'));
  add('Groq key', 'gs' + 'k_' + of(base62, 52), js('groq'));
  add('xAI key', 'xa' + 'i-' + of(base62, 80), js('grok'));
  add('Perplexity key', 'pp' + 'lx-' + of(base62, 48), js('pplx'));
  add('Replicate token', 'r' + '8_' + of(base62, 37), js('replicate'));
  add('NVIDIA key', 'nv' + 'api-' + of(base62 + '_-', 64), js('nim'));
  add('LangSmith key', 'lsv' + '2_pt_' + of(hex, 32) + '_' + of(hex, 10), js('trace'));
  add('Mistral key', of(base62, 32), env('MISTRAL_API_KEY'));
  add('Cohere key', of(base62, 40), (s) => `co = cohere.Client(api_key="${s}")`);

  // Money and shops
  add('Stripe live key', 's' + 'k_live_' + of(base62, 24), js('stripe'));
  add('Stripe test key', 's' + 'k_test_' + of(base62, 99), js('stripe'));
  add('Stripe restricted key', 'r' + 'k_live_' + of(base62, 24), js('stripe'));
  add('Stripe webhook secret', 'wh' + 'sec_' + of(base62, 32), js('hook'));
  add('Square token', 'sq0' + 'atp-' + of(base62 + '_-', 22), js('square'));
  add(
    'PayPal Braintree token',
    'access' + '_token$production$' + of(lower + digits, 16) + '$' + of(hex, 32),
    js('pay'),
  );
  add('Plaid token', 'access' + '-production-' + uuid(), js('plaid'));
  add('Razorpay key', 'rzp' + '_live_' + of(base62, 14), js('razor'));
  add('Shopify token', 'shp' + 'at_' + of(hex, 32), js('shop'));

  // Messages
  add('Slack bot token', 'xo' + 'xb-' + of(digits, 12) + '-' + of(digits, 12) + '-' + of(base62, 24), js('slack'));
  add(
    'Slack app token',
    'xa' + 'pp-1-A' + of(upper + digits, 10) + '-' + of(digits, 13) + '-' + of(hex, 64),
    js('slack'),
  );
  add(
    'Slack webhook',
    'T' + of(upper + digits, 8) + '/B' + of(upper + digits, 10) + '/' + of(base62, 24),
    (s) => `curl -X POST https://hooks.slack.com/services/${s}`,
  );
  add('Discord bot token', 'M' + of(base62, 25) + '.' + of(base62, 6) + '.' + of(base62 + '_-', 38), call('bot.run'));
  add(
    'Discord webhook',
    of(digits, 18) + '/' + of(base62 + '_-', 68),
    (s) => `url = "https://discord.com/api/webhooks/${s}"`,
  );
  add('Telegram token', of('123456789', 10) + ':AA' + of(base62 + '_-', 33), js('telegram'));
  add('Twilio API key', 'S' + 'K' + of(hex, 32), js('sid'));
  add('Twilio auth token', of(hex, 32), js('twilioAuthToken'));
  add('SendGrid key', 'S' + 'G.' + of(base62 + '_-', 22) + '.' + of(base62 + '_-', 43), js('mail'));
  add('Mailgun key', 'ke' + 'y-' + of(hex, 32), js('mail'));
  add('Mailchimp key', of(hex, 32) + '-us' + '12', js('mail'));
  add('Brevo key', 'xkey' + 'sib-' + of(hex, 64) + '-' + of(base62, 16), js('mail'));
  add('Facebook token', 'EA' + 'A' + of(base62, 160), js('fb'));
  add(
    'Teams webhook',
    [uuid(), '@', uuid(), '/IncomingWebhook/', of(hex, 32), '/', uuid()].join(''),
    (s) => `https://corp.webhook.office.com/webhookb2/${s}`,
  );

  // Watching and working
  add('Grafana token', 'gl' + 'sa_' + of(base62, 32) + '_' + of(hex, 8), js('grafana'));
  add('New Relic key', 'NR' + 'AK-' + of(upper + digits, 27), js('relic'));
  add('Datadog key', of(hex, 32), env('DD_API_KEY'));
  add(
    'Sentry token',
    'sntr' + 'ys_' + b64(`{"iat":${of(digits, 10)},"url":"https://sentry.io","org":"o"}`) + '_' + of(base62, 43),
    js('sentry'),
  );
  add('Dynatrace token', 'dt0' + 'c01.' + of(upper + digits, 24) + '.' + of(upper + digits, 64), js('dyna'));
  add('Linear key', 'lin' + '_api_' + of(base62, 40), js('linear'));
  add('Notion token', 'nt' + 'n_' + of(digits, 11) + of(base62, 35), js('notion'));
  add('Figma token', 'fi' + 'gd_' + of(base62 + '_-', 44), js('figma'));
  add('Airtable token', 'pa' + 't' + of(base62, 14) + '.' + of(hex, 64), js('airtable'));
  add('HubSpot token', 'pa' + 't-na1-' + uuid(), js('hub'));
  add('Dropbox token', 's' + 'l.' + of(base62 + '_-', 140), js('box'));
  add('age key', 'AGE-SECRET' + '-KEY-1' + of('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58), (s) => s);

  // What has no form of its own
  add('JWT', jwt(), js('session'));
  add('bearer header', of(base62, 40), (s) => `curl -H "Authorization: Bearer ${s}" https://api.test/v1`);
  add('basic header', b64(`admin:${of(base62, 12)}`), (s) => `headers = {"Authorization": "Basic ${s}"}`);
  add('key header', of(hex, 32), (s) => `-H 'X-Api-Key: ${s}'`);
  add(
    'key in an address',
    of(base62, 32),
    (s) => `fetch("https://api.test/v1/weather?city=Ulm&appid=1&api_key=${s}&units=c")`,
  );
  add(
    'password in an address',
    'k9!vR' + of(base62, 6),
    (s) => `DATABASE_URL=postgres://app:${s}@db.internal:5432/app`,
  );
  add(
    'password of MongoDB',
    of(base62, 14),
    (s) => `mongoose.connect('mongodb+srv://app:${s}@cluster0.mongodb.net/test?retryWrites=true')`,
  );
  add('password of Redis', of(base62, 24), (s) => `redis://:${s}@10.0.0.4:6379/0`);
  add('password of FTP', 'Wint' + 'er2024!', (s) => `ftp://backup:${s}@files.corp.lan/`);
  add('password in code', 'Tr0ub' + '4dor&3', js('password'));
  add('password of letters', 'correct' + 'horsebattery', (s) => `db.connect(user="app", password="${s}")`);
  add('password in JSON', 'S3cr3t' + '-Pa$$!', json('dbPassword'));
  add('password in YAML', 'hunt' + 'er2', yaml('password'));
  add('password in .env', 'letme' + 'inplease', env('DB_PASSWORD'));
  add('password in properties', 'Spr1ng' + 'Time', (s) => `spring.datasource.password=${s}`);
  add(
    'password in a connection string',
    'P@ss' + 'w0rd!42',
    (s) => `"Server=db;Database=app;User Id=sa;Password=${s};Encrypt=true"`,
  );
  add('password in XML', 'B1rd' + 'song!', (s) => `<password>${s}</password>`);
  add('password on a command line', 'c0mm4' + 'nd-Line', (s) => `mysql -u root -p${s} app`);
  add('password for curl', 'qwe' + 'RTY123', (s) => `curl -u deploy:${s} https://nexus.corp.lan/`);
  add('password compared', 'Op3n' + 'Sesame', (s) => `if (password === "${s}") grant();`);
  add('password in netrc', 'n3t' + 'rcPass', (s) => `machine api.test login bot password ${s}`);
  add('password in pgpass', 'pgP' + 'ass99', (s) => `db.internal:5432:app:app:${s}`);
  add('secret of Django', of(base62 + '!@#%^&*(-_=+)', 50), (s) => `SECRET_KEY = 'django-insecure-${s}'`);
  add('secret of Rails', of(hex, 128), yaml('secret_key_base'));
  add('encryption key', of(hex, 64), js('ENCRYPTION_KEY'));
  add('C# configuration', of(base62, 32), (s) => `<add key="ApiKey" value="${s}" />`);
  add('Go variable', of(base62, 32), (s) => `\tapiKey := "${s}"`);
  add('Rust constant', of(base62, 32), (s) => `const API_KEY: &str = "${s}";`);
  add('TypeScript constant', of(base62, 32), (s) => `private readonly accessToken: string = "${s}";`);
  add('fallback value', of(base62, 24), (s) => `const token = process.env.TOKEN || '${s}';`);
  add(
    'Kubernetes secret',
    b64(of(base62, 9)),
    (s) => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  whatever: ${s}\n`,
  );
  add('kubeconfig key', b64(`-----BEGIN RSA ${of(base62, 300)}`), (s) => `    client-key-data: ${s}`);
  add(
    'wallet phrase',
    [
      'abandon',
      'ability',
      'able',
      'about',
      'above',
      'absent',
      'absorb',
      'abstract',
      'absurd',
      'abuse',
      'access',
      'accident',
    ].join(' '),
    js('mnemonic'),
  );
  add('JSON Web Key', of(base62 + '_-', 43), (s) => `{"kty":"EC","crv":"P-256","x":"${of(base62, 43)}","d":"${s}"}`);
  for (const kind of ['RSA ', 'EC ', 'OPENSSH ', '', 'ENCRYPTED ']) {
    add(
      `${kind}private key`,
      pemBody(),
      (s) => `-----BEGIN ${kind}PRIVATE KEY-----\n${s}\n-----END ${kind}PRIVATE KEY-----\n`,
    );
  }
  add(
    'PGP private key',
    pemBody(),
    (s) => `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${s}\n-----END PGP PRIVATE KEY BLOCK-----`,
  );
  add(
    'private key in JSON',
    pemBody().replaceAll('\n', '\\n'),
    (s) => `"private_key": "-----BEGIN PRIVATE KEY-----\\n${s}\\n-----END PRIVATE KEY-----\\n",`,
  );
  return all;
}

/** Mulberry32: small, the same everywhere. */
function drawing(lot: number): () => number {
  let state = lot * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
