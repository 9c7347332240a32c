// What a page cannot do from the server: remember the theme before anything is drawn, follow the end of a log, copy, save, and tell the
// interactive part of a page by an attribute when it is ready.
(() => {
  'use strict';

  // The component library keeps the choice under this key and applies it later; until then the page would flash.
  const stored = (() => {
    try {
      return JSON.parse(localStorage.getItem('fluentui-blazor:theme-settings') ?? '{}').mode;
    } catch {
      return undefined;
    }
  })();
  const isDark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  if (isDark) {
    document.body.setAttribute('data-theme', 'dark');
  }

  window.dashboard = {
    setLanguage(language) {
      document.cookie = `dashboard-language=${encodeURIComponent(language)}; path=/; max-age=31536000; samesite=strict`;
      location.reload();
    },

    // A reader who has scrolled up wants to stay there.
    followEnd(element) {
      if (!element) {
        return;
      }

      const isAtEnd = element.dataset.follows !== 'false';
      if (!element.dataset.watched) {
        element.dataset.watched = 'true';
        element.addEventListener('scroll', () => {
          element.dataset.follows = String(element.scrollHeight - element.scrollTop - element.clientHeight < 40);
        });
      }

      if (isAtEnd) {
        element.scrollTop = element.scrollHeight;
      }
    },

    // The browser's own dialog: it takes the focus, keeps it, and is left with Escape.
    ask(dialog) {
      dialog.showModal();
    },

    async copy(text) {
      await navigator.clipboard.writeText(text);
    },

    save(name, text) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  };
})();
