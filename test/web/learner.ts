import type { BrowserContext, Locator, Page } from 'playwright-core';

/** Chromium's remark on a page that gives up a socket which was still coming, as a tab does that reconnects while its lab is reset. */
const GIVEN_UP = 'WebSocket is closed before the connection is established';

/** A learner at the page: what they do, and what they wait to see. Everything waits on a condition, nothing sleeps. */
export class Learner {
  readonly page: Page;
  /** What the browser complained about: script errors, breaches of the content security policy, failed requests. */
  readonly complaints: string[] = [];
  #lines = 0;

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.text().includes(GIVEN_UP)) return;
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
  }

  static async arrive(context: BrowserContext, url: string): Promise<Learner> {
    const learner = new Learner(await context.newPage());
    await learner.page.goto(url);
    return learner;
  }

  /** Starts the first scenario and waits for its shell. */
  async startLab(): Promise<void> {
    await this.press('Start lab');
    await this.seesInTerminal('$');
  }

  async press(name: string | RegExp): Promise<void> {
    await this.page
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first()
      .click();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async seesNoMore(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: 'hidden' });
  }

  /** The terminal in front. */
  get terminal(): Locator {
    return this.page.locator('[data-terminal][data-active=true]');
  }

  /** Types a line into the terminal in front. */
  async types(line: string): Promise<void> {
    await this.terminal.locator('.xterm').click();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press('Enter');
  }

  /** Types a line, and waits until the shell is done with it. What was on the screen before goes. */
  async runs(line: string): Promise<void> {
    const mark = (this.#lines += 1);
    // Reckoned by the shell, so that the line itself does not show what is waited for.
    await this.types(`clear; ${line}; echo "line $((${mark} * 7)) is done"`);
    await this.seesInTerminal(`line ${mark * 7} is done`);
  }

  async seesInTerminal(text: string | RegExp): Promise<void> {
    await this.terminal.locator('.xterm-rows').filter({ hasText: text }).waitFor();
  }

  /** Pastes as a browser does: without one key event per character. */
  async pastes(text: string): Promise<void> {
    await this.terminal.locator('textarea').evaluate((area, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  /** The card of a task, open. */
  async opens(task: string): Promise<Locator> {
    const card = this.page.locator(`[data-task=${task}]`);
    if ((await card.getAttribute('data-open')) === 'false') await card.getByRole('button').first().click();
    return card;
  }

  async closes(task: string): Promise<void> {
    const card = await this.opens(task);
    await card.getByRole('button').first().click();
  }

  /** Has that task alone checked. */
  async checks(task: string): Promise<void> {
    await (await this.opens(task)).getByRole('button', { name: 'Check this task' }).click();
  }

  /** Waits until a check of a task has a verdict; opens the task if it is closed. */
  async seesVerdict(task: string, check: string, mark: string): Promise<void> {
    const card = await this.opens(task);
    await card.locator(`[data-check=${check}][data-mark=${mark}]`).waitFor();
  }

  async seesScore(text: string | RegExp): Promise<void> {
    await this.page.locator('[data-score]').filter({ hasText: text }).waitFor();
  }
}
