import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the page into web/dist, which the server hands out as it is. `vite dev` talks to a server on its usual port. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URI in a stylesheet would need a wider content security policy than the page has.
    assetsInlineLimit: 0,
  },
  server: {
    host: '127.0.0.1',
    strictPort: true,
    proxy: { '/api': { target: 'http://127.0.0.1:7777', ws: true } },
  },
});
