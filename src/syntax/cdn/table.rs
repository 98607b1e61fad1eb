//! The services, and which of their parameters mean the same at any size.

pub(super) struct Service {
    /// With a `.` in front: any host below it. Empty: any host.
    pub(super) hosts: &'static [&'static str],
    /// How the path begins.
    pub(super) path: &'static str,
    pub(super) form: Form,
}

/// Where an address says how large its picture comes.
pub(super) enum Form {
    Query(Keys),
    /// In the segment of the path after this one, `a=1,b=2`.
    Cloudflare,
    /// In the segment after the kind of delivery, `a_1,b_2`.
    Cloudinary,
    /// In `?tr=a-1,b-2` or a segment `tr:a-1,b-2`.
    ImageKit,
    /// In a segment `300x200` after `/m/`; 0 is as large as it comes.
    Storyblok,
}

/// Names of parameters, and of the others that mean the same at any size.
pub(super) struct Keys {
    pub(super) width: &'static [&'static str],
    pub(super) height: &'static [&'static str],
    pub(super) others: &'static [&'static str],
    /// Of some, only with these values: others measure in pixels, or look for something in the picture.
    pub(super) values: &'static [(&'static str, &'static [&'static str])],
}

pub(super) const SERVICES: &[Service] = &[
    Service {
        hosts: &[
            ".imgix.net",
            "images.unsplash.com",
            "plus.unsplash.com",
            "images.prismic.io",
            "www.datocms-assets.com",
        ],
        path: "/",
        form: Form::Query(Keys {
            width: &["w"],
            height: &["h"],
            others: &[
                "ar",
                "auto",
                "bg",
                "bri",
                "con",
                "crop",
                "cs",
                "exp",
                "fit",
                "flip",
                "fm",
                "fp-x",
                "fp-y",
                "fp-z",
                "gam",
                "high",
                "hue-shift",
                "invert",
                "ixid",
                "ixlib",
                "lossless",
                "or",
                "orient",
                "q",
                "rect",
                "rot",
                "sat",
                "sepia",
                "shad",
                "utm_campaign",
                "utm_medium",
                "utm_source",
                "vib",
            ],
            values: &[("fit", &["clip", "crop", "max", "scale", "fill"])],
        }),
    },
    Service {
        hosts: &["images.ctfassets.net"],
        path: "/",
        form: Form::Query(Keys {
            width: &["w"],
            height: &["h"],
            others: &["bg", "f", "fit", "fl", "fm", "q"],
            values: &[("fit", &["pad", "fill", "scale"])],
        }),
    },
    Service {
        hosts: &["cdn.sanity.io"],
        path: "/images/",
        form: Form::Query(Keys {
            width: &["w"],
            height: &["h"],
            others: &["auto", "bg", "crop", "fit", "flip", "fm", "fp-x", "fp-y", "invert", "or", "q", "rect", "sat"],
            values: &[("fit", &["clip", "crop", "max", "scale", "fill"])],
        }),
    },
    Service {
        hosts: &["cdn.shopify.com"],
        path: "/",
        form: Form::Query(Keys {
            width: &["width"],
            height: &["height"],
            others: &["crop", "format", "quality", "v"],
            values: &[],
        }),
    },
    Service {
        hosts: &[".kc-usercontent.com"],
        path: "/",
        form: Form::Query(Keys {
            width: &["w"],
            height: &["h"],
            others: &["auto", "bg", "fit", "fm", "fp-x", "fp-y", "fp-z", "lossless", "q", "rect"],
            values: &[("fit", &["clip", "crop", "max", "scale", "fill"])],
        }),
    },
    Service {
        hosts: &["cdn.builder.io"],
        path: "/api/v1/image/",
        form: Form::Query(Keys {
            width: &["width"],
            height: &["height"],
            others: &["fit", "format", "position", "quality", "sharp"],
            values: &[],
        }),
    },
    Service {
        hosts: &[".b-cdn.net"],
        path: "/",
        form: Form::Query(Keys {
            width: &["width"],
            height: &["height"],
            others: &[
                "aspect_ratio",
                "auto_optimize",
                "brightness",
                "contrast",
                "crop_gravity",
                "flip",
                "flop",
                "format",
                "gamma",
                "hue",
                "optimizer",
                "output",
                "quality",
                "saturation",
            ],
            values: &[],
        }),
    },
    Service {
        hosts: &["i0.wp.com", "i1.wp.com", "i2.wp.com", "i3.wp.com", ".files.wordpress.com"],
        path: "/",
        form: Form::Query(Keys {
            width: &["w"],
            height: &["h"],
            others: &["crop", "quality", "ssl", "strip"],
            values: &[],
        }),
    },
    Service { hosts: &["res.cloudinary.com"], path: "/", form: Form::Cloudinary },
    Service { hosts: &["ik.imagekit.io"], path: "/", form: Form::ImageKit },
    Service { hosts: &[".storyblok.com"], path: "/f/", form: Form::Storyblok },
    Service { hosts: &[], path: "/cdn-cgi/image/", form: Form::Cloudflare },
];

pub(super) const CLOUDFLARE: Keys = Keys {
    width: &["width", "w"],
    height: &["height", "h"],
    others: &[
        "anim",
        "background",
        "brightness",
        "compression",
        "contrast",
        "f",
        "fit",
        "flip",
        "format",
        "g",
        "gamma",
        "gravity",
        "metadata",
        "onerror",
        "q",
        "quality",
        "rotate",
        "saturation",
        "slow-connection-quality",
    ],
    values: &[("fit", &["scale-down", "contain", "cover", "pad"])],
};
pub(super) const CLOUDINARY: Keys = Keys {
    width: &["w"],
    height: &["h"],
    others: &["ar", "b", "c", "f", "g", "q"],
    values: &[("c", &["fill", "fit", "limit", "scale", "pad"])],
};
pub(super) const IMAGEKIT: Keys =
    Keys { width: &["w"], height: &["h"], others: &["ar", "bg", "c", "f", "fo", "lo", "pr", "q"], values: &[] };
