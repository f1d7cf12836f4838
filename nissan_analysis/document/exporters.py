"""nbconvert exporters: ``jupyter nbconvert --to nissan-html|nissan-pdf executed.ipynb``."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode


class _ReportExporter(Exporter):
    """Reads an executed notebook as a report; a subclass says how to write it."""

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[Any, dict[str, Any]]:
        from . import read_document

        notebook, found = super().from_notebook_node(nb, resources, **kwargs)
        return self.written(read_document(notebook)), found

    def written(self, doc: Any) -> Any:
        raise NotImplementedError


class NissanHTMLExporter(_ReportExporter):
    """The report as one HTML file."""

    export_from_notebook = "Nissan report (HTML)"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def written(self, doc: Any) -> str:
        from . import html

        return html(doc)


class NissanPDFExporter(_ReportExporter):
    """The report as a tagged PDF."""

    export_from_notebook = "Nissan report (PDF)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def written(self, doc: Any) -> bytes:
        from . import pdf

        return pdf(doc)
