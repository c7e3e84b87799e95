import type { BrowserContext, Locator, Page } from 'playwright-core';

/** A learner at the page: what they do, and what they wait to see. Everything waits on a condition, nothing sleeps. */
export class Learner {
  readonly page: Page;
  /** What the browser complained about: script errors, breaches of the content security policy, failed requests. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
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

  /** Waits until a check of a task has a verdict; opens the task if it is closed. */
  async seesVerdict(task: string, check: string, mark: string): Promise<void> {
    const card = this.page.locator(`[data-task=${task}]`);
    if ((await card.getAttribute('data-open')) === 'false') await card.getByRole('button').first().click();
    await card.locator(`[data-check=${check}][data-mark=${mark}]`).waitFor();
  }

  async seesScore(text: string): Promise<void> {
    await this.page.locator('[data-score]').filter({ hasText: text }).waitFor();
  }
}
