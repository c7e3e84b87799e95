import { Component, type ReactNode } from 'react';
import { problemOf } from '../api/failure.ts';
import { ProblemNote } from './problem-note.tsx';
import { Stage } from './stage.tsx';

interface Caught {
  readonly error: unknown;
}

/** Shows what went wrong where a page could not be drawn, instead of nothing. */
export class PageGuard extends Component<{ children: ReactNode }, { caught: Caught | null }> {
  override state: { caught: Caught | null } = { caught: null };

  static getDerivedStateFromError(error: unknown): { caught: Caught } {
    return { caught: { error } };
  }

  override render(): ReactNode {
    if (this.state.caught === null) return this.props.children;
    return (
      <Stage>
        <ProblemNote problem={problemOf(this.state.caught.error)} home />
      </Stage>
    );
  }
}
