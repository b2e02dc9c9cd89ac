/** A conversation's title is made here, without asking any model. */
import type { Question } from './event.ts';

/** The most characters of a title, UTF-16 code units. */
const mostTitleChars = 60;
/** Of a conversation in which nothing has been asked. */
export const untitled = 'New chat';

/** The question's first line with words in it, without Markdown's marks; else what went with it. */
export function titleOf({ text, attachments }: Question): string {
  const lines = text.split('\n').map(withoutMarks);
  const command = /^\/[\w-]+$/.exec(lines[0] ?? '')?.[0];
  const line = lines.find((each) => /[\p{L}\p{N}]/u.test(each) && each !== command);
  const names = attachments.map(({ name }) => name).join(', ');
  return cleanTitle(line ?? [command, names].filter(Boolean).join(' ')) || untitled;
}

/** On one line, without what cannot be seen, and no longer than a title may be; empty where nothing is left. */
export function cleanTitle(text: string): string {
  // Controls, and what is invisible or turns the direction of reading: Unicode's Cc and Cf.
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= mostTitleChars) return line;
  const room = line.slice(0, mostTitleChars - 1);
  const end = line[room.length] === ' ' ? room.length : room.lastIndexOf(' ');
  const cut = end > mostTitleChars / 2 ? room.slice(0, end) : room.replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.replace(/[\s.,;:]+$/, '')}…`;
}

function withoutMarks(line: string): string {
  return line
    .trim()
    .replace(/^(```+|~~~+).*$/, '')
    .replace(/^([#>\-*+]+|\d+[.)])\s+/, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`+)/g, '')
    .replace(/^\/[\w-]+\s+(?=\S)/, '');
}
