import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { StarterModels } from '../../../src/editor/switching/starterModel.ts';
import type { EmbeddedModel, Role } from '../../../src/models/model.ts';
import type { Starter } from '../../../src/weights/starters.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { gateFor } from '../../support/gates.ts';
import { Person } from '../../support/person.ts';
import { startScriptedServer, type Script } from '../../support/scriptedServer.ts';

const model = Buffer.alloc(200_000, 'GGUF');

async function desk(person: Person, script: Script) {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.dispose());
  const folder = temporaryFolder();
  const set: string[] = [];
  const chosen: { model?: EmbeddedModel } = {};
  const models = new StarterModels({
    ...person.needs,
    gate: gateFor({ clock: systemClock }),
    choice: { modelFor: () => chosen.model },
    use: (roles: readonly Role[], ref: string) => Promise.resolve(void set.push(`${roles.join(' and ')}: ${ref}`)),
    folder,
  });
  const starter: Starter = {
    id: 'demo',
    name: 'Tiny',
    use: '',
    file: 'tiny.gguf',
    url: `${server.url}/tiny.gguf`,
    bytes: model.length,
    sha256: createHash('sha256').update(model).digest('hex'),
    licence: 'Apache-2.0',
    hosts: ['127.0.0.1'],
  };
  return { models, starter, folder, set, server, chosen };
}

describe('a starter model', () => {
  it('is fetched in sight of the person and then used', async () => {
    const person = new Person();
    const { models, starter, folder, set } = await desk(person, (_request, reply) => reply.text(200, model));
    await models.fetch(starter, ['completion']);
    expect(set).toEqual([`completion: embedded:${folder}/tiny.gguf`]);
    expect(person.saw('getting starter model Tiny')).toMatch(/^0% · 0 of 0 MB\n(.*\n)*100% · 0 of 0 MB\n$/);
  });

  it.each([
    ['escape', []],
    [{ pick: 'Use It' }, ['chat']],
  ] as const)('is not forced on who picked another meanwhile: %j', async (act, expected) => {
    const person = new Person(act);
    const { models, starter, set, chosen } = await desk(person, (_request, reply) => {
      chosen.model = { id: 'embedded:/other.gguf', name: 'other', provider: 'embedded', file: '/other.gguf' };
      return reply.text(200, model);
    });
    await models.fetch(starter, ['chat']);
    expect(set.map((each) => each.split(':')[0])).toEqual(expected);
    expect(person.seen.at(-1)?.title).toBe('Paddock: Tiny is here.');
  });

  it('that is stopped changes nothing, says nothing, and keeps what arrived', async () => {
    const person = new Person();
    person.onReport = (cancel) => cancel();
    const { models, starter, folder, set } = await desk(person, () => undefined);
    await models.fetch(starter, ['chat']);
    expect(set).toEqual([]);
    expect(readdirSync(folder)).toEqual(['tiny.gguf.part']);
  });

  it('that cannot be had fails with why', async () => {
    const { models, starter, set } = await desk(new Person(), (_request, reply) => reply.text(404, ''));
    await expect(models.fetch(starter, ['chat'])).rejects.toMatchObject({ kind: 'badResponse' });
    await expect(models.fetch(starter, ['chat'])).rejects.toMatchObject({ kind: 'badResponse' });
    expect(set).toEqual([]);
  });

  it('is fetched once at a time', async () => {
    const person = new Person();
    const { models, starter, server } = await desk(person, async (_request, reply) => {
      await models.fetch(starter, ['chat']);
      await reply.text(200, model);
    });
    await models.fetch(starter, ['completion']);
    expect(server.tally.requests).toBe(1);
    expect(person.saw('on its way already')).toBe('');
    expect(person.seen.map(({ kind }) => kind)).toContain('message');
  });

  it('is offered with what it costs to have it', async () => {
    const person = new Person('escape');
    const { models } = await desk(person, () => undefined);
    await models.pickAndFetch();
    expect(person.saw('Get Starter Model')).toMatch(
      /Qwen2.5 Coder 1.5B Instruct \| 1.1 GB · Apache-2.0 \| .*huggingface.co/,
    );
  });
});
