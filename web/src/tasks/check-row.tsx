import type { CheckOutline } from '../../../protocol/api.ts';
import type { CheckResult, Verdict } from '../../../protocol/report.ts';
import { VerdictIcon, VerdictWord, type Mark } from '../report/verdict-mark.tsx';
import styles from './check-row.module.css';
import { Disclosure } from './disclosure.tsx';

const SUPPORT_NOTES = {
  real: null,
  modelled: {
    word: 'modelled',
    title: 'This backend models what is checked here; it is not tried with real programs or packets.',
  },
  unsupported: { word: 'not supported', title: 'This backend cannot check this.' },
} as const;

/** One check: its title and, after a run, what was observed and how that differs from what is asked. */
export function CheckRow({
  outline,
  mark,
  result,
}: {
  outline: CheckOutline;
  mark: Mark;
  result: CheckResult | undefined;
}) {
  const note = SUPPORT_NOTES[result?.support ?? outline.support];
  return (
    <li className={styles['row']} data-check={outline.id} data-mark={mark}>
      <VerdictIcon mark={mark} />
      <div className={styles['body']}>
        <p className={styles['head']}>
          <span>{outline.title}</span>
          {note !== null && (
            <span className={styles['support']} title={note.title}>
              {note.word}
            </span>
          )}
          <VerdictWord mark={mark} />
        </p>
        {result !== undefined && mark !== 'checking' && <Finding result={result} />}
      </div>
    </li>
  );
}

function Finding({ result }: { result: CheckResult }) {
  const { verdict, evidence, mismatch, hint, reason } = result;
  return (
    <div className={`${styles['finding']} ${styles[verdict satisfies Verdict]}`}>
      {mismatch !== undefined && <p>{mismatch}</p>}
      {reason !== undefined && <p>Could not be observed: {reason}</p>}
      {evidence !== '' &&
        (verdict === 'pass' ? (
          <Disclosure label="Evidence">
            <Evidence text={evidence} />
          </Disclosure>
        ) : (
          <Evidence text={evidence} />
        ))}
      {hint !== undefined && (
        <Disclosure label="Hint">
          <p className={styles['hint']}>{hint}</p>
        </Disclosure>
      )}
    </div>
  );
}

/** What was observed, as it was: never as markup. It can be scrolled with the keyboard. */
function Evidence({ text }: { text: string }) {
  return (
    <pre className={styles['evidence']} tabIndex={0} aria-label="Evidence">
      {text}
    </pre>
  );
}
