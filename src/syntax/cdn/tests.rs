//! Shapes of real addresses; many are those of unpic's own tests.
#![allow(clippy::unwrap_used)]

use super::read;

#[test]
fn every_service_gives_another_width() {
    for (url, width, at, expected) in [
        (
            "https://images.unsplash.com/photo-1674255909399-9bcb2cab6489?w=1200&q=80&auto=format&fit=crop&ixid=M3w",
            1200,
            600,
            "https://images.unsplash.com/photo-1674255909399-9bcb2cab6489?w=600&q=80&auto=format&fit=crop&ixid=M3w",
        ),
        (
            "https://demo.imgix.net/a.jpg?auto=format&w=800&h=533&fit=crop#x",
            800,
            400,
            "https://demo.imgix.net/a.jpg?auto=format&w=400&h=267&fit=crop#x",
        ),
        (
            "https://images.prismic.io/site/a.jpg?auto=compress,format&rect=0,0,2000,1500&w=1000&h=750",
            1000,
            500,
            "https://images.prismic.io/site/a.jpg?auto=compress,format&rect=0,0,2000,1500&w=500&h=375",
        ),
        (
            "https://www.datocms-assets.com/205/1568630834-x.jpg?w=640&ar=16:9&fit=crop",
            640,
            320,
            "https://www.datocms-assets.com/205/1568630834-x.jpg?w=320&ar=16:9&fit=crop",
        ),
        (
            "https://images.ctfassets.net/aaaa/xxxx/yyyy/how-to-wow-a-customer.jpg?w=200&h=100&fit=fill",
            200,
            100,
            "https://images.ctfassets.net/aaaa/xxxx/yyyy/how-to-wow-a-customer.jpg?w=100&h=50&fit=fill",
        ),
        (
            "https://cdn.sanity.io/images/p/d/f-2000x1333.jpg?w=1600&auto=format",
            1600,
            800,
            "https://cdn.sanity.io/images/p/d/f-2000x1333.jpg?w=800&auto=format",
        ),
        (
            "https://cdn.shopify.com/static/sample-images/garnished.jpeg?width=800&height=600&crop=center&v=1",
            800,
            401,
            "https://cdn.shopify.com/static/sample-images/garnished.jpeg?width=401&height=301&crop=center&v=1",
        ),
        (
            "https://assets-us-01.kc-usercontent.com/b744/cc0a/daylight.jpg?w=800&h=600&fit=crop",
            800,
            400,
            "https://assets-us-01.kc-usercontent.com/b744/cc0a/daylight.jpg?w=400&h=300&fit=crop",
        ),
        (
            "https://cdn.builder.io/api/v1/image/assets%2FYJI%2F462d?width=200&height=100&fit=cover&sharp=true",
            200,
            100,
            "https://cdn.builder.io/api/v1/image/assets%2FYJI%2F462d?width=100&height=50&fit=cover&sharp=true",
        ),
        (
            "https://bunnyoptimizerdemo.b-cdn.net/bunny7.jpg?width=200&height=100&aspect_ratio=200:100",
            200,
            50,
            "https://bunnyoptimizerdemo.b-cdn.net/bunny7.jpg?width=50&height=25&aspect_ratio=200:100",
        ),
        (
            "https://i0.wp.com/example.com/wp-content/uploads/2024/09/hero-2x.png?w=900&ssl=1",
            900,
            450,
            "https://i0.wp.com/example.com/wp-content/uploads/2024/09/hero-2x.png?w=450&ssl=1",
        ),
        (
            "https://res.cloudinary.com/demo/image/upload/w_300,h_200,c_fill/v1/folder/samples/animals/three-dogs.jpg",
            300,
            150,
            "https://res.cloudinary.com/demo/image/upload/w_150,h_100,c_fill/v1/folder/samples/animals/three-dogs.jpg",
        ),
        (
            "https://res.cloudinary.com/demo/image/fetch/f_auto,w_800/https://example.com/a.jpg",
            800,
            400,
            "https://res.cloudinary.com/demo/image/fetch/f_auto,w_400/https://example.com/a.jpg",
        ),
        (
            "https://ik.imagekit.io/ikmedia/tr:w-300,h-300/docs_images/examples/example_food_3.jpg",
            300,
            150,
            "https://ik.imagekit.io/ikmedia/tr:w-150,h-150/docs_images/examples/example_food_3.jpg",
        ),
        (
            "https://ik.imagekit.io/ikmedia/a.jpg?v=2&tr=q-75,w-300,h-200",
            300,
            150,
            "https://ik.imagekit.io/ikmedia/a.jpg?v=2&tr=q-75,w-150,h-100",
        ),
        (
            "https://a.storyblok.com/f/39898/3310x2192/e4ec08624e/demo-image.jpeg/m/400x300/filters:format(webp):focal(150x100:250x200)",
            400,
            200,
            "https://a.storyblok.com/f/39898/3310x2192/e4ec08624e/demo-image.jpeg/m/200x150/filters:format(webp):focal(150x100:250x200)",
        ),
        (
            "https://a.storyblok.com/f/39898/1000x600/d962430746/demo-image-human.jpeg/m/800x0/smart",
            800,
            400,
            "https://a.storyblok.com/f/39898/1000x600/d962430746/demo-image-human.jpeg/m/400x0/smart",
        ),
        (
            "https://assets.brevity.io/cdn-cgi/image/background=red,width=128,height=128,f=auto/uploads/generic/avatar-sample.jpeg",
            128,
            64,
            "https://assets.brevity.io/cdn-cgi/image/background=red,width=64,height=64,f=auto/uploads/generic/avatar-sample.jpeg",
        ),
        ("//images.unsplash.com/photo?w=1200", 1200, 600, "//images.unsplash.com/photo?w=600"),
    ] {
        let address = read(url).unwrap().unwrap();
        assert_eq!((address.width(), address.at(at).as_str()), (width, expected), "{url}");
        assert_eq!(address.at(width), url);
    }
}

#[test]
fn addresses_that_must_stay() {
    for (url, why) in [
        ("https://demo.imgix.net/a.jpg?w=800&s=0a1b2c3d", "`s`"),
        ("https://demo.imgix.net/a.jpg?w=800&blur=20", "`blur`"),
        ("https://demo.imgix.net/a.jpg?w=400&dpr=2", "`dpr`"),
        ("https://demo.imgix.net/a.jpg?w=0.5", "no number of pixels"),
        ("https://demo.imgix.net/a.jpg?w=800&w=400", "twice"),
        ("https://images.unsplash.com/photo-1674255909399-9bcb2cab6489", "does not say how wide"),
        ("https://images.unsplash.com/photo?h=400", "does not say how wide"),
        ("https://images.ctfassets.net/a/b/c/d.jpg?r=20&w=400", "`r`"),
        ("https://cdn.shopify.com/s/files/1/garnished_800x600_crop_center.jpeg", "does not say how wide"),
        ("https://res.cloudinary.com/demo/image/upload/s--abc--/w_300/v1/a.jpg", "signed"),
        ("https://res.cloudinary.com/demo/image/upload/w_300,e_blur:300/v1/a.jpg", "`e`"),
        ("https://res.cloudinary.com/demo/image/upload/w_300/e_blur:300/v1/a.jpg", "several steps"),
        ("https://res.cloudinary.com/demo/image/upload/w_300,c_crop/v1/a.jpg", "cuts a piece out"),
        ("https://res.cloudinary.com/demo/image/upload/t_small/v1/a.jpg", "`t`"),
        ("https://res.cloudinary.com/demo/image/upload/v1/samples/three-dogs.jpg", "does not say how wide"),
        ("https://res.cloudinary.com/demo/video/upload/w_300/v1/a.jpg", "of a kind"),
        ("https://ik.imagekit.io/x/tr:w-300:rt-10/a.jpg", "several steps"),
        ("https://ik.imagekit.io/x/a.jpg?tr=w-300&ik-s=abc", "signed"),
        ("https://a.storyblok.com/f/39898/1000x600/d9/a.jpeg", "does not say how wide"),
        ("https://a.storyblok.com/f/39898/1000x600/d9/a.jpeg/m/400x300/filters:blur(10)", "`filters:blur(10)`"),
        ("https://example.com/cdn-cgi/image/width=auto/a.jpg", "no number of pixels"),
        ("https://images.ctfassets.net/a/b/c/x.jpg?w=1000&h=500&fit=thumb&f=face", "`fit=thumb`"),
        ("https://images.ctfassets.net/a/b/c/x.jpg?w=1000&h=500&fit=crop", "`fit=crop`"),
        ("https://a.imgix.net/x.jpg?w=1000&h=500&fit=fillmax&bg=fff", "`fit=fillmax`"),
        ("https://cdn.sanity.io/images/a/b/x.jpg?w=1000&h=500&fit=min", "`fit=min`"),
        ("https://res.cloudinary.com/demo/image/upload/c_lpad,w_1000,h_500,b_white/x.jpg", "`c_lpad`"),
        ("https://res.cloudinary.com/demo/image/upload/c_auto_pad,w_1000,h_500,g_auto/v1/x.jpg", "`c_auto_pad`"),
        ("https://res.cloudinary.com/demo/image/upload/c_pad,w_1000,h_500,b_blurred:400:15/x.jpg", "background"),
        ("https://res.cloudinary.com/demo/image/upload/c_pad,w_1000,h_500,b_gen_fill/x.jpg", "background"),
        ("https://res.cloudinary.com/demo/image/upload/w_1000/v1/x.jpg?__cld_token__=exp=1~hmac=ab", "signed"),
        ("https://res.cloudinary.com/demo/image/upload/w_1000/v1/x.jpg?x=1", "signed"),
        ("https://x.example/cdn-cgi/image/fit=crop,width=1000/x.jpg", "`fit=crop`"),
        ("https://x.example/cdn-cgi/image/fit=cover,width=1000/x.jpg?verify=123-abc", "signed"),
        ("https://x.b-cdn.net/bcdn_token=abc&expires=16&token_path=%2F/x.jpg?width=1000", "signed"),
        ("https://ik.imagekit.io/demo/tr:w-1000,h-500/x.jpg?tr=w-300", "several steps"),
        ("https://ik.imagekit.io/demo/tr:w-1000/tr:w-300/x.jpg", "several steps"),
        ("https://ik.imagekit.io/demo/x.jpg?tr=w-1000&tr=w-300", "several steps"),
        ("https://a.storyblok.com/f/1/8x6/d/a.jpg/m/400x300/filters:no_upscale()", "no_upscale"),
        ("https://i0.wp.com/example.com/a.png?resize=300%2C200", "`resize`"),
    ] {
        let said = read(url).unwrap().unwrap_err();
        assert!(said.contains(why), "{url}: {said}");
    }
    for url in [
        "https://example.com/a.jpg?w=300",
        "https://unsplash.com/a?w=3",
        "a.jpg?w=300",
        "https://images.unsplash.com",
        "",
    ] {
        assert_eq!(read(url), None, "{url}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_but_its_numbers_ever_changes(
        host in proptest::sample::select(vec!["images.unsplash.com", "res.cloudinary.com", "a.storyblok.com", "ik.imagekit.io", "x.example"]),
        rest in "[a-z/_,=&?:.#0-9éx-]{0,60}", width in 1u32..9000,
    ) {
        let url = format!("https://{host}/{rest}");
        if let Some(Ok(address)) = read(&url) {
            proptest::prop_assert_eq!(address.at(address.width()), url.clone());
            let rest = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
            proptest::prop_assert_eq!(rest(&address.at(width)), rest(&url));
        }
    }
}
