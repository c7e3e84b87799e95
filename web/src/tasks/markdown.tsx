import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import styles from './markdown.module.css';

const plugins = [remarkGfm];

/** Headings start below the page's own; links leave the lab alone; images would come from elsewhere and are left out. */
const components: Components = {
  h1: ({ children }) => <h4>{children}</h4>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  ),
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  table: ({ children }) => (
    <div className={styles['wide']}>
      <table>{children}</table>
    </div>
  ),
};

/** A scenario's Markdown. Raw HTML in it is shown as text. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles['markdown']}>
      <ReactMarkdown remarkPlugins={plugins} components={components} disallowedElements={['img']}>
        {text}
      </ReactMarkdown>
    </div>
  );
}
