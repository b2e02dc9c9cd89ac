/** What a script is doing passes through here onto the terminal, and in the end where its time went. */

const quietMs = 5_000;

/** Runs named steps, telling about each, and remembers how long they took. */
export class Timeline {
  /** @type {{ name: string, ms: number }[]} */
  #steps = [];
  #startedMs = performance.now();

  /**
   * @template T
   * @param {string} name as it will stand in the summary
   * @param {(say: Say) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(name, work) {
    const startedMs = performance.now();
    const line = new ProgressLine(name);
    try {
      return await work((what, part) => line.say(what, part));
    } finally {
      line.end();
      this.#steps.push({ name, ms: performance.now() - startedMs });
    }
  }

  /**
   * Counts a step that was over before this process began.
   * @param {string} name
   * @param {number} ms
   */
  add(name, ms) {
    this.#steps.push({ name, ms });
    this.#startedMs -= ms;
  }

  /** One line: the whole time and every step that took a noticeable part of it. */
  summary() {
    const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(1)} s`;
    const noticeable = this.#steps.filter((step) => step.ms >= 50);
    const parts = noticeable.map((step) => `${step.name} ${seconds(step.ms)}`);
    return `${seconds(performance.now() - this.#startedMs)}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
  }
}

/**
 * @typedef {(what: string, part?: number) => void} Say tells what is being done; `part` is how much of it is, 0 to 1
 */

/** One step's line: redrawn in place on a terminal, else printed now and then. */
class ProgressLine {
  #name;
  #isOpen = false;
  #lastWhat = '';
  #lastMs = -Infinity;

  /** @param {string} name */
  constructor(name) {
    this.#name = name;
  }

  /**
   * @param {string} what
   * @param {number | undefined} part
   */
  say(what, part) {
    const nowMs = performance.now();
    if (what === this.#lastWhat && nowMs - this.#lastMs < (process.stdout.isTTY ? 100 : quietMs)) return;
    if (what !== this.#lastWhat && process.stdout.isTTY) this.end();
    this.#lastWhat = what;
    this.#lastMs = nowMs;
    const text = `${this.#name}: ${what}${part === undefined ? '' : ` ${Math.floor(part * 100)}%`}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
    else console.log(text);
    this.#isOpen = true;
  }

  end() {
    if (this.#isOpen && process.stdout.isTTY) process.stdout.write('\n');
    this.#isOpen = false;
  }
}
