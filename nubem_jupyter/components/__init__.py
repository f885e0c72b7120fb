"""The components that come with the product: files, tables, retrieval, the web, arithmetic and code."""
