/** The strings of a JSON text are taken out as what they say, and put back as JSON wants them; the rest stays. Pure. */

/** Part of a JSON text. */
interface Token {
  readonly text: string;
  /** `string`: what stands between two quotes; `number`; `mark`: the rest. */
  readonly kind: 'string' | 'number' | 'mark';
}

/** A JSON text with its strings as they read, in pieces that belong together end to end. */
export interface JsonPieces {
  readonly pieces: readonly string[];
  /** Which of the pieces are strings, keys among them. */
  readonly strings: readonly number[];
  /** The JSON text with these pieces instead, as many; what is neither string nor number stays, whatever is given. */
  readonly json: (pieces: readonly string[]) => string;
}

/** @param json a valid JSON text. */
export function jsonPieces(json: string): JsonPieces {
  const tokens = tokensOf(json);
  const read = tokens.map(({ kind, text }) => (kind === 'string' ? (JSON.parse(`"${text}"`) as string) : text));
  return {
    pieces: read,
    strings: tokens.flatMap(({ kind }, index) => (kind === 'string' ? [index] : [])),
    json: (pieces) =>
      tokens
        .map(({ kind, text }, index) => {
          const piece = pieces[index] ?? '';
          if (kind === 'mark' || piece === read[index]) return text;
          const quoted = JSON.stringify(piece);
          return kind === 'string' ? quoted.slice(1, -1) : quoted;
        })
        .join(''),
  };
}

function tokensOf(json: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [whole] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+/g)) {
    if (whole.startsWith('"')) {
      const quote = { kind: 'mark', text: '"' } as const;
      tokens.push(quote, { kind: 'string', text: whole.slice(1, -1) }, quote);
    } else tokens.push({ kind: /^[-0-9]/.test(whole) ? 'number' : 'mark', text: whole });
  }
  return tokens;
}
