import { useId, useState } from 'react';
import type { CheckOutline } from '../../../protocol/api.ts';
import type { CheckResult } from '../../../protocol/report.ts';
import { VerdictIcon, VerdictWord, type Mark } from '../report/verdict-mark.tsx';
import styles from './check-row.module.css';
import { Disclosure } from './disclosure.tsx';
import { InlineCode } from './inline-code.tsx';

const SUPPORT_NOTES = {
  real: null,
  modelled: {
    word: 'modelled',
    title: 'This backend models what is checked here; it is not tried with real programs or packets.',
  },
  unsupported: { word: 'not supported', title: 'This backend cannot check this.' },
} as const;

interface CheckRowProps {
  readonly outline: CheckOutline;
  readonly mark: Mark;
  /** What it said in the run under way, or else in the last one. */
  readonly finding: CheckResult | undefined;
}

/** One check: its title and, once it has said something, what was observed and how that differs from what is asked. */
export function CheckRow({ outline, mark, finding }: CheckRowProps) {
  const note = SUPPORT_NOTES[finding?.support ?? outline.support];
  const [asked, setAsked] = useState(false);
  const id = useId();
  // What has passed is shown in one line; its evidence is there for who asks.
  const shown = finding !== undefined && (mark !== 'pass' || asked);
  return (
    <li className={styles['row']} data-check={outline.id} data-mark={mark}>
      <VerdictIcon mark={mark} />
      <div>
        <p className={styles['head']}>
          <span>{outline.title}</span>
          {note !== null && (
            <span className={styles['support']} title={note.title}>
              {note.word}
            </span>
          )}
          {mark === 'pass' && finding !== undefined && finding.evidence !== '' && (
            <button type="button" aria-expanded={asked} aria-controls={id} onClick={() => setAsked(!asked)}>
              Evidence
            </button>
          )}
          <VerdictWord mark={mark} />
        </p>
        <div id={id}>{shown && <Finding result={finding} />}</div>
      </div>
    </li>
  );
}

function Finding({ result }: { result: CheckResult }) {
  const { verdict, evidence, mismatch, hint, reason } = result;
  return (
    <div className={`${styles['finding']} ${styles[verdict]}`}>
      {mismatch !== undefined && (
        <p>
          <InlineCode text={mismatch} />
        </p>
      )}
      {reason !== undefined && <p>Could not be observed: {reason}</p>}
      {evidence !== '' && (
        // As it was observed, never as markup. It can be scrolled with the keyboard.
        <pre className={styles['evidence']} tabIndex={0} role="group" aria-label="Evidence">
          {evidence}
        </pre>
      )}
      {hint !== undefined && (
        <Disclosure label="Hint">
          <p className={styles['hint']}>
            <InlineCode text={hint} />
          </p>
        </Disclosure>
      )}
    </div>
  );
}
