/**
 * A model's tokens pass through here as the bytes they stand for.
 *
 * Bytes are kept as strings of the characters U+0000 to U+00FF, one for each byte: they compare and cut like text, and
 * a token may hold only a part of a character.
 */

/** What the file's metadata says about its tokens. */
export interface TokenTable {
  /** `tokenizer.ggml.model`: how texts are written: `gpt2` (a letter for each byte) or `llama` (`▁` for a space). */
  readonly model: string;
  readonly tokens: readonly string[];
  /** Numbers of llama.cpp's `llama_token_type`; absent: all are normal. */
  readonly types: readonly number[] | undefined;
}

/** The tokens by their bytes. */
export interface Vocabulary {
  /** The bytes a token stands for; `undefined` for control tokens and unused ones, which are no text. */
  bytesOf(token: number): string | undefined;
  /** Every token that can be the next one when `rest` must come next: it begins `rest`, or `rest` begins it. */
  agreeing(rest: string): number[];
}

/** llama.cpp's `llama_token_type`, as far as it matters here. */
const tokenType = { unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** `undefined`: the tokens are written in a way that is not known here. Takes about 50 ms for 150,000 tokens. */
export function vocabularyOf({ model, tokens, types }: TokenTable): Vocabulary | undefined {
  const decode = decoders[model];
  if (decode === undefined) return undefined;
  const bytes = tokens.map((text, token) => bytesOfToken(text, types?.[token], decode));
  const byFirst = new Map<string, number[]>();
  for (const [token, text] of bytes.entries()) {
    const first = text?.[0];
    if (first === undefined) continue;
    const group = byFirst.get(first);
    if (group === undefined) byFirst.set(first, [token]);
    else group.push(token);
  }
  const agrees = (token: number, rest: string): boolean => {
    const text = bytes[token];
    return text !== undefined && (text.startsWith(rest) || rest.startsWith(text));
  };
  return {
    bytesOf: (token) => bytes[token],
    agreeing: (rest) => (byFirst.get(rest.slice(0, 1)) ?? []).filter((token) => agrees(token, rest)),
  };
}

/** The UTF-8 bytes of a text, one character each. */
export function bytesOfText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function bytesOfToken(
  text: string,
  type: number | undefined,
  decode: (text: string) => string | undefined,
): string | undefined {
  switch (type) {
    case tokenType.unknown:
    case tokenType.control:
    case tokenType.unused:
      return undefined;
    case tokenType.userDefined:
      return bytesOfText(text);
    case tokenType.byte:
      return String.fromCharCode(Number.parseInt(text.slice(3, 5), 16)); // <0xAB>
    default:
      return decode(text);
  }
}

const letterBytes = byteLetters();

const decoders: Readonly<Record<string, (text: string) => string | undefined>> = {
  gpt2: (text) => {
    let bytes = '';
    for (const letter of text) {
      const byte = letterBytes.get(letter);
      if (byte === undefined) return undefined;
      bytes += byte;
    }
    return bytes;
  },
  llama: (text) => bytesOfText(text.replaceAll('▁', ' ')),
};

/**
 * GPT-2 writes each byte as a letter that can be seen: printable Latin-1 as itself, the other 68 as U+0100 and on, in
 * order (`bytes_to_unicode` in OpenAI's encoder.py).
 */
function byteLetters(): ReadonlyMap<string, string> {
  const letters = new Map<string, string>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte += 1) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    letters.set(String.fromCharCode(isPrintable ? byte : next++), String.fromCharCode(byte));
  }
  return letters;
}
