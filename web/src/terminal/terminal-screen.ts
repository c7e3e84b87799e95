import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { copyText, readClipboard } from './clipboard.ts';
import { clipboardRequest } from './clipboard-request.ts';
import { TERMINAL_COLOURS } from './terminal-colours.ts';
import type { Screen, ScreenSize } from './terminal-session.ts';

const SCROLLBACK = 5_000; // lines: about 6 MB at 100 columns, for each tab that was opened
const CTRL_W = 0x17;
const NO_CLIPBOARD = 'The browser keeps the clipboard to itself here. Paste with Ctrl+Shift+V.';

/** Which way a search goes: up, or down. */
export type Towards = 'older' | 'newer';

export interface ScreenOptions {
  readonly fontSize: number;
  readonly screenReader: boolean;
  /** Accessible name. */
  readonly label: string;
  readonly onKeys: (keys: Uint8Array) => void;
  readonly onSize: (size: ScreenSize) => void;
  readonly onNotice: (notice: string) => void;
  /** The learner wants to search the screen. */
  readonly onSearch: () => void;
}

/** xterm in an element of the page, with the keys and the clipboard of the exam's terminal. Not React. */
export class TerminalScreen implements Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #element: HTMLElement;
  readonly #options: ScreenOptions;
  readonly #listening = new AbortController();

  constructor(element: HTMLElement, options: ScreenOptions) {
    this.#element = element;
    this.#options = options;
    this.#terminal = new Terminal({
      allowProposedApi: false,
      cursorBlink: false,
      fontFamily: getComputedStyle(element).getPropertyValue('--mono'),
      fontSize: options.fontSize,
      lineHeight: 1.15,
      linkHandler: { activate: followLink },
      macOptionClickForcesSelection: true,
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: false, // the right button copies what is selected
      screenReaderMode: options.screenReader,
      scrollback: SCROLLBACK,
      theme: TERMINAL_COLOURS,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
    this.#terminal.loadAddon(new WebLinksAddon(followLink));
    this.#terminal.open(element);
    this.#terminal.textarea?.setAttribute('aria-label', options.label);
    this.fit();
    this.#listen();
  }

  get size(): ScreenSize {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  write(output: Uint8Array | string, drawn?: () => void): void {
    this.#terminal.write(output, drawn);
  }

  /** Fills the element, unless it is not shown: then there is nothing to measure, and the size stays. */
  fit(): void {
    if (this.#element.clientWidth > 40 && this.#element.clientHeight > 20) this.#fit.fit();
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Selects the next place of a text, whatever its capitals, and scrolls there; begins at the newest line. Returns whether there is one. */
  find(text: string, towards: Towards): boolean {
    return towards === 'older' ? this.#search.findPrevious(text) : this.#search.findNext(text);
  }

  /** Follows the learner's preferences. */
  prefer(fontSize: number, screenReader: boolean): void {
    this.#terminal.options.fontSize = fontSize;
    this.#terminal.options.screenReaderMode = screenReader;
    this.fit();
  }

  [Symbol.dispose](): void {
    this.#listening.abort();
    this.#terminal.dispose();
  }

  #listen(): void {
    const { onKeys, onSize } = this.#options;
    const encoder = new TextEncoder();
    this.#terminal.onData((text) => onKeys(encoder.encode(text)));
    // Old mouse reports are bytes, not text: each character stands for one.
    this.#terminal.onBinary((bytes) => onKeys(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
    this.#terminal.onResize(onSize);
    this.#terminal.attachCustomKeyEventHandler((event) => this.#allows(event));
    this.#terminal.parser.registerOscHandler(52, (payload) => {
      const text = clipboardRequest(payload);
      if (text !== undefined && this.#element.contains(document.activeElement)) void copyText(text);
      return true;
    });
    const { signal } = this.#listening;
    this.#element.addEventListener('contextmenu', (event) => this.#rightClick(event), { signal });
    // Before xterm sees it: left to itself, the browser would also lay out a paste of 10 MB in a hidden text area.
    this.#element.addEventListener('paste', (event) => this.#paste(event), { signal, capture: true });
  }

  /** False for keys that are not the program's. */
  #allows(event: KeyboardEvent): boolean {
    const { ctrlKey, shiftKey, altKey, code } = event;
    if (ctrlKey && shiftKey && !altKey && code === 'KeyC') {
      event.preventDefault();
      if (event.type === 'keydown') this.#copySelection();
      return false;
    }
    if (ctrlKey && shiftKey && !altKey && code === 'KeyF') {
      event.preventDefault();
      if (event.type === 'keydown') this.#options.onSearch();
      return false;
    }
    if (ctrlKey && shiftKey && !altKey && code === 'KeyV') return false; // the browser answers with a paste event
    if (ctrlKey && altKey && code === 'KeyW' && !event.getModifierState('AltGraph')) {
      event.preventDefault();
      if (event.type === 'keydown') this.#options.onKeys(Uint8Array.of(CTRL_W));
      return false;
    }
    return true;
  }

  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') this.#terminal.paste(text);
  }

  /** Copies what is selected, or else pastes. With Shift the browser's own menu opens; a program with a mouse keeps it. */
  #rightClick(event: MouseEvent): void {
    if (event.shiftKey) return;
    event.preventDefault();
    if (this.#terminal.hasSelection()) {
      this.#copySelection();
      this.#terminal.clearSelection();
    } else if (this.#terminal.modes.mouseTrackingMode === 'none') {
      readClipboard().then(
        (text) => this.#terminal.paste(text),
        () => this.#options.onNotice(NO_CLIPBOARD),
      );
    }
  }

  #copySelection(): void {
    const text = this.#terminal.getSelection();
    if (text === '') return;
    copyText(text).catch(() => this.#options.onNotice('The browser did not allow copying.'));
  }
}

/** Links open on Ctrl or Cmd and a click, in a tab that knows nothing of this one. Only web addresses are followed. */
function followLink(event: MouseEvent, address: string): void {
  if ((event.ctrlKey || event.metaKey) && /^https?:/i.test(address)) open(address, '_blank', 'noopener,noreferrer');
}
