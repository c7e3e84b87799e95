/** Puts text on the clipboard. Over plain HTTP from another machine the browser has no clipboard API; the old way is left. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const focused = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!done) throw new Error('the browser refused to copy');
}

/** Reads the clipboard; rejects where the browser or the learner does not allow it. */
export async function readClipboard(): Promise<string> {
  if (!window.isSecureContext) throw new Error('the clipboard can only be read over HTTPS or on this machine');
  return navigator.clipboard.readText();
}
