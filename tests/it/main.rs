mod crawl;
mod headers;

#[test]
fn t() {}
