import './app/csp-friendly-zod.ts';
import './app/mantine.css';
import './app/palette.css';
import './app/page.css';
import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from './api/queries.ts';
import { App } from './app/app.tsx';
import { COLOUR_SCHEME_KEY, ownVariables, theme } from './app/theme.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <MantineProvider
    theme={theme}
    cssVariablesResolver={ownVariables}
    defaultColorScheme="auto"
    colorSchemeManager={localStorageColorSchemeManager({ key: COLOUR_SCHEME_KEY })}
  >
    <QueryClientProvider client={newQueryClient()}>
      <App />
    </QueryClientProvider>
  </MantineProvider>,
);
