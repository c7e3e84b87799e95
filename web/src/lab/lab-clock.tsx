import { useEffect, useState } from 'react';
import { elapsedText } from './elapsed.ts';

/** How long the lab has run; looked at every few seconds, shown in minutes, so it never draws the eye. */
export function LabClock({ since, minutes }: { since: string; minutes: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return <time>{elapsedText(now - Date.parse(since), minutes)}</time>;
}
