import type { Learner } from '../web/learner.ts';

/**
 * The README's picture: a believable moment of a lab that two tasks of are done. What differs from run to run, the clock and the ages of
 * objects, is set to a fixed text of the same width, so that the file changes only when the page does.
 */
export async function takeScreenshot(learner: Learner, path: string): Promise<void> {
  const { page } = learner;
  await learner.types('clear');
  await learner.types('kubectl get nodes');
  await learner.seesInTerminal(/node01\s+Ready/);
  await learner.types('kubectl -n shop run intruder --image=busybox:1.36 --privileged');
  await learner.seesInTerminal(/violates PodSecurity/);
  await learner.types('kubectl -n shop get deployments');
  await learner.seesInTerminal(/orders-db\s+1\/1/);
  for (const task of ['anonymous-api', 'pod-security']) await learner.closes(task);
  // Its words are the same in every lab: no names with random ends.
  const failed = await learner.opens('docker-api');
  await failed.getByRole('button', { name: 'Hint' }).first().click();
  await failed.evaluate((card) => {
    const panel = card.closest('main');
    if (panel !== null) panel.scrollTop += card.getBoundingClientRect().top - panel.getBoundingClientRect().top - 60;
  });
  await learner.terminal.locator('.xterm').click();
  await page.evaluate(() => {
    const clock = document.querySelector('header time');
    if (clock !== null) clock.textContent = (clock.textContent ?? '').replace(/\d+/, '12');
    const walker = document.createTreeWalker(
      document.querySelector('.xterm-rows') ?? document.body,
      NodeFilter.SHOW_TEXT,
    );
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      node.textContent = (node.textContent ?? '').replace(/\b\d+(?=m\d+s\b|s\b)/g, (digits) =>
        '4'.repeat(digits.length),
      );
    }
  });
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}
