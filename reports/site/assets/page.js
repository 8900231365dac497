// Draws the charts that the page carries. Their data are in the page; nothing is fetched.
(function () {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const datasets = read("datasets");
  const specs = read("charts");

  function draw(element) {
    const name = element.dataset.chart;
    const spec = specs[name];
    spec.datasets = datasets;
    return window
      .vegaEmbed(element, spec, {
        mode: "vega-lite",
        renderer: "svg",
        actions: { export: true, source: false, compiled: false, editor: false },
        downloadFileName: name,
      })
      .catch(function (error) {
        element.textContent = String(error);
      });
  }

  document.querySelectorAll("[data-chart]").forEach(draw);
})();
