import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/app.css';
import { Design } from './design.tsx';

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <Design />
  </StrictMode>,
);
