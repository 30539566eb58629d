"""The products in Milvus: the embedded server, the collection, filters, the three lists."""
