// Keeps an open page like its file: new style sheets are put in place, anything else loads the page again.
(() => {
  const self = document.currentScript;
  const build = new URL(self.src).search.slice(1);
  self.remove();
  const absolute = href => {
    const url = new URL(href, document.baseURI);
    url.searchParams.delete('kiln');
    return url.href;
  };
  const reload = () => location.reload();
  let page;

  const swap = now => {
    const old = page.sheets.map(absolute);
    const links = [...document.querySelectorAll('link[rel~="stylesheet"]')].filter(l => l.sheet && new URL(l.href).origin === location.origin);
    const imports = [...document.styleSheets].some(s => s.ownerNode?.tagName === 'STYLE' && [...s.cssRules].some(r => r instanceof CSSImportRule));
    // Sheets that a script or a sheet brings in have no place in the file to compare with.
    if (imports || links.some(l => !old.includes(absolute(l.href)))) return reload();
    for (const link of links) {
      const url = new URL(now.sheets[old.indexOf(absolute(link.href))], document.baseURI);
      url.searchParams.set('kiln', now.build);
      const next = link.cloneNode();
      next.removeAttribute('integrity');
      next.addEventListener('load', () => link.remove(), { once: true });
      next.addEventListener('error', reload, { once: true });
      next.href = url.href;
      link.after(next);
    }
  };

  const events = new EventSource('/.kiln/live?' + encodeURIComponent(location.pathname));
  events.addEventListener('message', event => {
    const now = JSON.parse(event.data);
    if (!page && now.build !== build) return reload();
    if (page && now.build !== page.build) {
      if (now.shape !== page.shape || now.others !== page.others) return reload();
      if (now.styles !== page.styles) swap(now);
    }
    page = now;
  });
})();
