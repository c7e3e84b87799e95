import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconHelpCircleFilled } from '@tabler/icons-react';
import type { Verdict } from '../../../protocol/report.ts';
import styles from './verdict-mark.module.css';

/** A verdict, or what stands in its place before there is one. */
export type Mark = Verdict | 'unchecked' | 'checking';

export const MARK_WORDS: Record<Mark, string> = {
  pass: 'Pass',
  fail: 'Fail',
  unknown: 'Unknown',
  unchecked: 'Not checked',
  checking: 'Checking',
};

/** The sign of a verdict; its word stands beside it or is read out, never colour alone. */
export function VerdictIcon({ mark, size = 18 }: { mark: Mark; size?: number }) {
  const props = { size, className: styles[mark], 'aria-hidden': true } as const;
  switch (mark) {
    case 'pass':
      return <IconCircleCheckFilled {...props} />;
    case 'fail':
      return <IconCircleXFilled {...props} />;
    case 'unknown':
      return <IconHelpCircleFilled {...props} />;
    case 'unchecked':
    case 'checking':
      return <IconCircleDashed {...props} />;
    default:
      return mark satisfies never;
  }
}

/** The word of a verdict in its colour. */
export function VerdictWord({ mark }: { mark: Mark }) {
  return <span className={`${styles['word']} ${styles[mark]}`}>{MARK_WORDS[mark]}</span>;
}
