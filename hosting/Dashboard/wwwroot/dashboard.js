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

  // A dashboard that has been started again does not know the page any more, and the framework gives up after a while: the page is loaded
  // again as soon as the server answers. The event does not bubble.
  // https://learn.microsoft.com/aspnet/core/blazor/fundamentals/signalr
  document.addEventListener('components-reconnect-state-changed', (event) => {
    if (['rejected', 'failed', 'resume-failed'].includes(event.detail.state)) {
      comeBack();
    }
  }, { capture: true });

  async function comeBack() {
    try {
      if ((await fetch('/health', { cache: 'no-store' })).ok) {
        location.reload();
        return;
      }
    } catch {
      // Nobody is there yet.
    }

    setTimeout(comeBack, 2000);
  }

  window.dashboard = {
    setLanguage(language) {
      document.cookie = `dashboard-language=${encodeURIComponent(language)}; path=/; max-age=31536000; samesite=strict`;
      location.reload();
    },

    // Puts a choice into the address of a page, when that is still the page that is shown.
    choose(page, name, value, isStep) {
      if (location.pathname !== page) {
        return;
      }

      const address = new URL(location.href);
      if (value) {
        address.searchParams.set(name, value);
      } else {
        address.searchParams.delete(name);
      }

      Blazor.navigateTo(address.pathname + address.search, { replaceHistoryEntry: !isStep });
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
