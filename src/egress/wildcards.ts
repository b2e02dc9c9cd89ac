/**
 * Patterns from rules meet names here: `*` in model names, globs over paths. A repository may bring any pattern, and a
 * regular expression made from one can be made to run for hours, so there are none: every comparison takes at most
 * pattern length times text length steps. Pure.
 */

/** What a pattern's parts are compared with, part by part. */
interface Comparison<Wanted, Found> {
  readonly isStar: (wanted: Wanted) => boolean;
  readonly isSame: (wanted: Wanted, found: Found) => boolean;
}

/**
 * Whether the pattern covers all of what was found; a star covers any number of parts, none included. Going back to the
 * newest star is enough: whatever an older one could do by covering more, the newer one can do as well.
 */
function covers<Wanted, Found>(
  pattern: readonly Wanted[],
  found: readonly Found[],
  { isStar, isSame }: Comparison<Wanted, Found>,
): boolean {
  let [at, next] = [0, 0];
  let star: { readonly at: number; next: number } | undefined;
  while (next < found.length) {
    const wanted = pattern[at];
    if (wanted !== undefined && isStar(wanted)) {
      star = { at, next };
      at += 1;
    } else if (wanted !== undefined && isSame(wanted, found[next] as Found)) {
      at += 1;
      next += 1;
    } else if (star !== undefined) {
      star.next += 1;
      [at, next] = [star.at + 1, star.next];
    } else return false;
  }
  return pattern.slice(at).every(isStar);
}

/** One name as it is compared: servers and file systems differ in case and in how they write an accent. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/**
 * Whether the model's name fits, `*` standing for any characters, upper and lower case being the same. A name without
 * a tag and the same with `:latest` are one model.
 */
export function matchesModel(pattern: string, name: string): boolean {
  const [wanted, found] = [folded(pattern).trim(), folded(name).trim()];
  const names = found.includes(':') ? [found, found.replace(/:latest$/, '')] : [found, `${found}:latest`];
  return names.some((each) => covers([...wanted], [...each], { isStar: (one) => one === '*', isSame: Object.is }));
}

/** One character of a glob's name, or a set of them. */
type Letter = string | { readonly isNegated: boolean; readonly ranges: readonly (readonly [string, string])[] };
/** A name between two slashes, or any number of folders. */
type Segment = '**' | readonly Letter[];

/** A glob, ready to be compared: one alternative per choice that its braces offer. */
export interface Glob {
  readonly text: string;
  readonly alternatives: readonly (readonly Segment[])[];
}

/** More than anybody writes by hand; keeps braces in braces from growing without end. */
const mostAlternatives = 64;
const longestGlob = 256;

/**
 * Reads a glob: `*` and `?` within one name, `**` over folders, `[abc]`, `[a-z]`, `[!a]`, `{one,two}`, `\` before a
 * character that is meant as such. One without a slash before its end holds at any depth, and whatever it covers it
 * covers with everything below. Gives a sentence where it makes no sense.
 * @param holdsAnywhere it holds below any folder, also where it begins with a slash.
 */
export function readGlob(text: string, holdsAnywhere = false): Glob | string {
  if (text.trim() === '') return 'an empty glob covers nothing';
  if (text.length > longestGlob) return `a glob may have ${longestGlob} characters`;
  if (text.startsWith('!')) return 'a glob cannot begin with "!": a rule names what is never sent, without exceptions';
  const spread = braced(text);
  if (typeof spread === 'string') return spread;
  const alternatives: Segment[][] = [];
  for (const each of spread) {
    const segments = segmentsOf(each, holdsAnywhere);
    if (typeof segments === 'string') return segments;
    alternatives.push(segments);
  }
  return { text, alternatives };
}

/** Whether the glob covers the path or a folder above it. Names are compared without regard to case. */
export function matchesGlob({ alternatives }: Glob, path: string): boolean {
  const names = folded(path)
    .split('/')
    .filter((name) => name !== '')
    .map((name) => [...name]);
  return alternatives.some((segments) =>
    covers(segments, names, {
      isStar: (segment) => segment === '**',
      isSame: (segment, name) =>
        segment !== '**' && covers(segment, name, { isStar: (letter) => letter === '*', isSame: isSameLetter }),
    }),
  );
}

function isSameLetter(wanted: Letter, found: string): boolean {
  if (typeof wanted === 'string') return wanted === '?' || wanted === found || wanted === `\\${found}`;
  return wanted.isNegated !== wanted.ranges.some(([from, to]) => from <= found && found <= to);
}

/** The glob once per choice of its braces. Braces that offer no choice, or stay open, are characters. */
function braced(glob: string): readonly string[] | string {
  const done: string[] = [];
  const open = [glob];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const choice = firstChoice(next);
    if (choice === undefined) done.push(next);
    else for (const option of choice.options) open.push(choice.before + option + choice.after);
    if (done.length + open.length > mostAlternatives) return `the braces may offer ${mostAlternatives} choices`;
  }
  return done;
}

function firstChoice(glob: string): { before: string; options: readonly string[]; after: string } | undefined {
  const commas: number[] = [];
  let [start, depth] = [-1, 0];
  for (let at = 0; at < glob.length; at += 1) {
    const letter = glob[at];
    if (letter === '\\') at += 1;
    else if (letter === '{') {
      depth += 1;
      if (depth === 1) start = at;
    } else if (letter === ',' && depth === 1) commas.push(at);
    else if (letter === '}' && depth > 0) {
      depth -= 1;
      if (depth === 0 && commas.length > 0) {
        const ends = [...commas, at];
        const options = ends.map((end, index) => glob.slice((ends[index - 1] ?? start) + 1, end));
        return { before: glob.slice(0, start), options, after: glob.slice(at + 1) };
      }
    }
  }
  return undefined;
}

function segmentsOf(glob: string, holdsAnywhere: boolean): Segment[] | string {
  const names = folded(glob).replace(/\/+$/, '').split('/');
  const isAtAnyDepth = holdsAnywhere || names.length === 1;
  const segments: Segment[] = isAtAnyDepth ? ['**'] : [];
  for (const name of names) {
    if (name === '' || name === '.') continue;
    if (name === '..') return '".." leads out of the folder that the rule speaks for';
    const letters = name === '**' ? name : lettersOf(name);
    if (letters === undefined) return `"${name}" has a "[" that is never closed`;
    segments.push(letters);
  }
  if (segments.every((segment) => segment === '**') && !/\*/.test(glob)) return 'it names no file';
  return [...segments, '**'];
}

function lettersOf(name: string): readonly Letter[] | undefined {
  const letters: Letter[] = [];
  const characters = [...name];
  for (let at = 0; at < characters.length; at += 1) {
    const letter = characters[at] as string;
    if (letter === '\\' && at + 1 < characters.length) {
      at += 1;
      letters.push(`\\${characters[at]}`);
    } else if (letter === '[') {
      const end = characters.indexOf(']', at + (/[!^]/.test(characters[at + 1] ?? '') ? 3 : 2));
      if (end < 0) return undefined;
      letters.push(setOf(characters.slice(at + 1, end)));
      at = end;
    } else letters.push(letter);
  }
  return letters;
}

function setOf(characters: readonly string[]): Letter {
  const isNegated = characters[0] === '!' || characters[0] === '^';
  const rest = isNegated ? characters.slice(1) : characters;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const from = rest[at] as string;
    const to = rest[at + 1] === '-' ? rest[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return { isNegated, ranges };
}
