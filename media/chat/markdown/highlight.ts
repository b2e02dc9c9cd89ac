/** Colours in code, as a tree of spans; only the languages listed here are shipped. */
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import lua from 'highlight.js/lib/languages/lua';
import makefile from 'highlight.js/lib/languages/makefile';
import php from 'highlight.js/lib/languages/php';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import scss from 'highlight.js/lib/languages/scss';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';

type Child = ReturnType<typeof highlighter.highlight>['children'][number];

const highlighter = createLowlight();
const unread = Object.entries({
  ...{ bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, lua, makefile, php },
  ...{ powershell, python, ruby, rust, scss, sql, swift, typescript, xml, yaml },
});
const moreNames = { javascript: ['mjs', 'cjs'], typescript: ['tsx', 'mts', 'cts'], bash: ['console'] };

/** Reads one more grammar, as all of them at once would hold up the page; false: all are read. */
export function readGrammar(): boolean {
  const next = unread.shift();
  if (next === undefined) return false;
  highlighter.register(...next);
  if (unread.length === 0) highlighter.registerAlias(moreNames);
  return true;
}

/** Longer code stays plain: colouring it would hold up the page. */
const longestColoured = 30_000;

/**
 * The code as text and spans, or `undefined`: the language is not known, or there is too much of it. Every grammar has
 * to be read before.
 */
export function coloured(code: string, language: string): DocumentFragment | undefined {
  const name = language.toLowerCase();
  if (code.length > longestColoured || !highlighter.registered(name)) return undefined;
  const fragment = document.createDocumentFragment();
  fragment.append(...highlighter.highlight(name, code).children.map(nodeOf));
  return fragment;
}

function nodeOf(child: Child): Node {
  if (child.type === 'text') return document.createTextNode(child.value);
  const span = document.createElement('span');
  if (child.type !== 'element') return span;
  const { className } = child.properties;
  span.className = Array.isArray(className) ? className.join(' ') : '';
  span.append(...child.children.map(nodeOf));
  return span;
}
