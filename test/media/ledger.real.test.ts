import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compared } from '../../src/ledger/comparing.ts';
import { Holdings } from '../../src/ledger/holdings.ts';
import { requestsIn, sectionsOf } from '../../src/ledger/page.ts';
import { loadPriceTable } from '../../src/ledger/price.ts';
import { parseFromPage, type Look, type Sections, type ToPage } from '../../src/ledger/protocol.ts';
import { recordOf } from '../../src/ledger/record.ts';
import { monthOfUses, monthOfWork } from '../support/ledgerMaterial.ts';
import { noon, paid, question } from '../support/ledgers.ts';
import { BuiltWebview, themes, type Opening, type WebviewPage } from '../support/webviewPage.ts';

const pictures = path.resolve(import.meta.dirname, '../../out/screenshots');
const table = await loadPriceTable();
let built: BuiltWebview;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  built = await BuiltWebview.build('ledger');
});
afterAll(() => built.dispose());

const everything: Look = {
  ...{ period: 'month', fromDay: '', toDay: '', model: '', route: '', purpose: '', outcome: '', text: '' },
  ...{ firstRow: 0, compared: '' },
};

const work = monthOfWork(noon);

function sections(holdings: Holdings, look: Look = everything): Sections {
  const source = { holdings, uses: monthOfUses(noon), nowMs: noon };
  const requests = requestsIn(holdings, look, noon);
  const accepted = new Set(requests.slice(0, 200).map(({ intent }) => intent.id));
  const savings = compared({ requests, accepted, table, own: [], wanted: look.compared });
  return { ...sectionsOf(source, look), savings };
}

const shown = (holdings: Holdings, look?: Look): ToPage => ({ kind: 'shown', sections: sections(holdings, look) });

/** A page with a month of work on it, and what it said is answered as its host would. */
async function openPage(opening: Opening = {}, first: ToPage = shown(work)): Promise<WebviewPage> {
  const page = await built.open(opening);
  await page.untilPosted('ready');
  await page.post(first);
  await page.page.locator('header h1').waitFor();
  return page;
}

async function openRecord(page: WebviewPage, row = 0): Promise<void> {
  const before = page.posted.length;
  await page.page.locator('.row-button').nth(row).click();
  const { id } = await page.untilPosted('open', before);
  const request = work.find(String(id));
  expect(request).toBeDefined();
  if (request !== undefined) await page.post({ kind: 'record', id: String(id), record: recordOf(request) });
  await page.page.locator('.record dl').first().waitFor();
}

/** Everything the page said is something its host understands; nothing failed, and nobody was asked for anything. */
async function endWell(page: WebviewPage): Promise<void> {
  expect(page.posted.filter((message) => parseFromPage(message) === undefined)).toEqual([]);
  expect(page.errors).toEqual([]);
  expect(page.reached).toEqual([]);
  await page.close();
}

describe.each(themes)('in the theme %s', (theme) => {
  it('axe finds no fault in the page, with a record open and the chart as a table', async () => {
    const page = await openPage({ theme });
    await page.page.locator('.requests').waitFor();
    expect(await page.faults()).toEqual([]);
    await openRecord(page);
    await page.picture(path.join(pictures, `ledger-page-${theme}.png`));
    await page.page.locator('.check input').check();
    await page.page.locator('.record summary').click();
    expect(await page.faults()).toEqual([]);
    await endWell(page);
  });

  it('axe finds no fault where there is nothing, or not yet, or a failure', async () => {
    const page = await openPage({ theme }, { kind: 'reading', lines: 12_000 });
    await page.page.getByText('12,000 lines').waitFor();
    expect(await page.faults()).toEqual([]);
    await page.post(shown(new Holdings()));
    await page.page.getByText('Nothing was asked of a model yet').waitFor();
    expect(await page.faults()).toEqual([]);
    await page.picture(path.join(pictures, `ledger-empty-${theme}.png`));
    await page.post({ kind: 'failed', message: 'The ledger could not be read: the disk is gone.' });
    await page.page.getByRole('alert').waitFor();
    expect(await page.faults()).toEqual([]);
    await page.page.getByRole('button', { name: 'Try again' }).click();
    expect(await page.untilPosted('act')).toEqual({ kind: 'act', action: 'again' });
    await endWell(page);
  });
});

describe('the page', () => {
  it('draws what it is told, and never zero dollars', async () => {
    const page = await openPage();
    const text = await page.page.locator('main').innerText();
    for (const words of ['Where requests went', 'By workspace', 'orchard-api', 'not charged', 'Claude Sonnet 5']) {
      expect(text).toContain(words);
    }
    expect(text).not.toMatch(/\$0\.00(?!\d)|undefined|NaN|\[object/);
    await endWell(page);
  });

  it('shows names that look like markup as they are', async () => {
    const hostile = '<img src=x onerror="window.bad=1">${1}';
    const holdings = new Holdings();
    holdings.add(question('a', { modelName: hostile, workspace: { id: '1', name: hostile }, label: hostile }));
    holdings.add(paid('a', 1_000));
    const page = await openPage({}, shown(holdings));
    await page.page.locator('.requests').waitFor();
    expect(await page.page.locator('main img').count()).toBe(0);
    expect(await page.page.locator('.requests td').nth(1).innerText()).toBe(hostile);
    await endWell(page);
  });

  it('fits a narrow window without scrolling sideways', async () => {
    const page = await openPage({ width: 320, height: 700 });
    await page.page.locator('.requests').waitFor();
    const widths = await page.page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths).toEqual([320, 320]);
    await page.picture(path.join(pictures, 'ledger-page-narrow.png'));
    expect(await page.faults()).toEqual([]);
    await endWell(page);
  });

  it('asks for what is chosen, and for typed words once typing is over', async () => {
    const page = await openPage();
    await page.page.getByRole('combobox', { name: 'model' }).selectOption({ label: 'gpt-6-luna' });
    const chosen = await page.untilPosted('look');
    expect(chosen['look']).toEqual({ ...everything, model: 'https://api.openai.com/v1#gpt-6-luna' });
    const before = page.posted.length;
    // Letter by letter within one turn of the page: by the keyboard, a busy computer makes a pause that ends the typing.
    const type = `for (const letter of 'basket') {
      document.querySelector('[type=search]').value += letter;
      document.querySelector('[type=search]').dispatchEvent(new Event('input', { bubbles: true }));
    }`;
    await page.page.evaluate(type);
    const typed = await page.untilPosted('look', before);
    expect(typed['look']).toMatchObject({ text: 'basket', model: 'https://api.openai.com/v1#gpt-6-luna' });
    expect(page.posted.length).toBe(before + 1);
    await page.page.getByRole('button', { name: 'Clear filters' }).click();
    await page.untilPosted('look', before + 1);
    expect(page.posted.at(-1)).toEqual({ kind: 'look', look: everything });
    await endWell(page);
  });

  it('looks for a request that it is led to, whenever it was and whatever was filtered, and opens its record', async () => {
    const page = await openPage();
    await page.page.getByRole('combobox', { name: 'outcome' }).selectOption({ label: 'cut off' });
    const before = page.posted.length;
    const id = work.requestsOf(work.days[0] ?? '')[0]?.intent.id ?? '';
    await page.post({ kind: 'find', id });
    expect(await page.untilPosted('look', before)).toEqual({
      kind: 'look',
      look: { ...everything, period: 'all', text: id },
    });
    expect(await page.untilPosted('open', before)).toEqual({ kind: 'open', id });
    await page.post(shown(work, { ...everything, period: 'all', text: id }));
    const request = work.find(id);
    await page.post({ kind: 'record', id, record: request && recordOf(request) });
    await page.page.locator('.record').getByText('What was in it').waitFor();
    expect(await page.page.locator('.row-button').count()).toBe(1);
    expect(await page.page.getByRole('searchbox').inputValue()).toBe(id);
    await page.page.locator('.row-button:focus').waitFor();
    const box = await page.page.locator('.record').boundingBox();
    expect(box?.y).toBeLessThan(page.page.viewportSize()?.height ?? 0);
    await endWell(page);
  });

  it('announces what a filter found, and says where nothing fits', async () => {
    const page = await openPage();
    await page.page.getByRole('combobox', { name: 'outcome' }).selectOption({ label: 'cut off' });
    const look: Look = { ...everything, outcome: 'cut' };
    await page.post(shown(work, look));
    const found = sections(work, look).rows.words;
    await expect.poll(() => page.page.getByRole('status').innerText(), { timeout: 10_000 }).toBe(found);
    await page.post(shown(work, { ...look, text: 'no such words' }));
    await page.page.getByText('No request is like that.').waitFor();
    await endWell(page);
  });

  it('goes through its rows with the arrow keys, and opens and closes a record with Enter', async () => {
    const page = await openPage();
    const { keyboard } = page.page;
    await page.page.locator('.row-button').first().focus();
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    const { id } = await page.untilPosted('open');
    expect(id).toBe(sections(work).rows.rows[2]?.id);
    const request = work.find(String(id));
    if (request !== undefined) await page.post({ kind: 'record', id: String(id), record: recordOf(request) });
    await page.page.locator('.record').getByText('What was in it').waitFor();
    expect(await page.page.locator('.row-button[aria-expanded="true"]').count()).toBe(1);
    expect(await page.page.locator('.row-button[tabindex="0"]').count()).toBe(1);
    await page.page.getByRole('button', { name: 'Copy as JSON' }).click();
    expect(await page.untilPosted('copy')).toEqual({ kind: 'copy', id });
    await page.page.locator('.row-button[aria-expanded="true"]').focus();
    await keyboard.press('Enter');
    await page.page.locator('.record').waitFor({ state: 'detached' });
    await endWell(page);
  });

  it('goes through the days with the arrow keys, says each, and shows one alone with Enter', async () => {
    const page = await openPage();
    const slider = page.page.getByRole('slider', { name: 'Day' });
    await slider.focus();
    await page.page.keyboard.press('ArrowLeft');
    await page.page.keyboard.press('ArrowLeft');
    const day = sections(work).chart.bars.at(-3);
    await expect.poll(() => slider.getAttribute('aria-valuetext'), { timeout: 10_000 }).toContain(String(day?.long));
    await page.page.keyboard.press('Enter');
    const { look } = await page.untilPosted('look');
    expect(look).toMatchObject({ period: 'days', fromDay: day?.at, toDay: day?.at });
    await endWell(page);
  });

  it('turns the pages of the table', async () => {
    const page = await openPage();
    await page.page.getByRole('button', { name: 'Older requests' }).click();
    expect((await page.untilPosted('look'))['look']).toMatchObject({ firstRow: 50 });
    await page.post(shown(work, { ...everything, firstRow: 50 }));
    await page.page.getByText(/^51 – 100 of /).waitFor();
    await endWell(page);
  });

  it('redraws only what changed when the ledger grows', async () => {
    const page = await openPage();
    await page.page.locator('.requests').waitFor();
    const mark = "document.querySelectorAll('.card, .requests tr').forEach((each) => (each.isOld = true))";
    await page.page.evaluate(mark);
    const { rows } = sections(work);
    const [first] = rows.rows;
    const grown = {
      ...rows,
      total: rows.total + 1,
      rows: [{ ...first, id: 'new', at: '2026-11-22 12:00:01' }, ...rows.rows],
    };
    await page.post({ kind: 'shown', sections: { rows: grown } });
    await page.page.getByText('2026-11-22 12:00:01').waitFor();
    const fresh = await page.page.evaluate(
      "[...document.querySelectorAll('.card, .requests tr')].filter((each) => !each.isOld).length",
    );
    expect(fresh).toBe(1);
    await endWell(page);
  });

  it('begins after a reload with what the user looked at', async () => {
    const look = { ...everything, period: 'week', model: 'm' };
    const page = await built.open({ state: { look, measure: 'tokens', isChartTable: true } });
    expect(await page.untilPosted('ready')).toEqual({ kind: 'ready', look });
    await page.close();
    const broken = await built.open({ state: { look: { period: 'week' } } });
    expect(parseFromPage(await broken.untilPosted('ready'))).toBeDefined();
    await broken.close();
  });

  it('wears another theme at once', async () => {
    const page = await openPage({ theme: 'light' });
    const colour = "getComputedStyle(document.querySelector('h1')).color";
    const before = await page.page.evaluate(colour);
    await page.wear('dark');
    await expect.poll(() => page.page.evaluate(colour), { timeout: 10_000 }).not.toBe(before);
    expect(await page.faults()).toEqual([]);
    await endWell(page);
  });
});
