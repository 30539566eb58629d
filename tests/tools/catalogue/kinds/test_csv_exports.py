"""The CSV exports of shop systems: products, variants, prices now and before, links."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shop_files import write_pictures
from tools.catalogue.detection import find_source, kind_of
from tools.catalogue.reader import Numbered, Reading, Wanted, read_products
from tools.product import Product

SHOP = "https://shop.test"


def read(tmp_path: Path, text: str) -> tuple[dict[str, Product], Reading, str]:
    """The products by their ids, what was met, and the name of the kind."""
    write_pictures(tmp_path)
    path = tmp_path / "export.csv"
    path.write_text(text)
    reading = Reading()
    items = list(read_products(path, Wanted(shop_url=SHOP), reading))
    assert all(isinstance(item, Numbered) for item in items), items
    products = {item.product.id: item.product for item in items if isinstance(item, Numbered)}
    return products, reading, kind_of(find_source(path)).name


def forms(product: Product) -> list[tuple[str, dict[str, str], int | None, int | None, str]]:
    """Id, options, price, price before and availability of each variant."""
    return [(v.id, dict(v.options), v.price, v.was, v.availability) for v in product.variants]


def test_shopify_states_stock_by_tracker_quantity_and_policy(tmp_path: Path) -> None:
    text = """\
Handle,Title,Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,\
Variant Compare At Price,Image Src,Variant Image,Status,Fabric (product.metafields.x.fabric)
tee,Tee,Co,Tops,"new, summer",true,Size,S,t-s,shopify,0,deny,20.00,25.00,red.png,,active,Cotton
tee,,,,,,,M,t-m,shopify,0,continue,20.00,20.00,,blue.png,,
tee,,,,,,,L,t-l,,0,deny,22.00,0,,,,
cap,Cap,Co,Hats,,true,Title,Default Title,c-1,shopify,3,deny,9.00,,green.png,,active,
old,Old,Co,Hats,,false,Title,Default Title,o-1,shopify,3,deny,9.00,,green.png,,active,
raw,Raw,Co,Hats,,true,Title,Default Title,r-1,shopify,3,deny,9.00,,green.png,,draft,
"""
    products, reading, kind = read(tmp_path, text)
    assert kind == "Shopify's export of products"
    tee, cap = products["tee"], products["cap"]
    assert forms(tee) == [
        ("t-s", {"Size": "S"}, 2000, 2500, "out of stock"),
        ("t-m", {"Size": "M"}, 2000, None, "backorder"),
        ("t-l", {"Size": "L"}, 2200, None, "in stock"),
    ]
    assert (tee.availability, tee.material, tee.tags) == ("in stock", "Cotton", ("new", "summer"))
    # The page opens with the first variant that can be bought.
    assert (tee.price_minor, tee.was) == (2000, None)
    assert [Path(v.picture).name for v in tee.variants] == ["", "blue.png", ""]
    assert tee.link == f"{SHOP}/products/tee"
    assert (cap.variants, cap.codes, cap.availability, cap.quantity) == (
        (),
        ("c-1",),
        "in stock",
        3,
    )
    assert reading.switched_off == {"not published": 1, "draft": 1}


WOO = """\
ID,Type,SKU,Name,Published,Visibility in catalog,Description,Date sale price starts,\
Date sale price ends,In stock?,Stock,Backorders allowed?,Sale price,Regular price,Categories,Tags,\
Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)
3,variation,tee-red,Tee - Red,1,visible,,,,1,4,0,20,25,,,red.png,tee,Color,Red,Size,
1,variable,tee,Tee,1,visible,Soft,,,1,,0,,,"Clothing, Clothing > T-shirts",new,blue.png,,Color,\
"Blue, Red",Size,"S, M"
2,variation,tee-blue,Tee - Blue,1,visible,,,,0,0,notify,,25,,,blue.png,id:1,Color,Blue,Size,S
4,simple,mug,Mug,1,visible,,2017-01-01,2017-02-01,1,,0,5,12,Mugs,,green.png,,Color,Green,,
5,simple,draft,Draft,-1,visible,,,,1,,0,,12,Mugs,,green.png,,,,,
"""


def test_woocommerce_variations_find_their_parent_wherever_it_stands(tmp_path: Path) -> None:
    products, reading, kind = read(tmp_path, WOO)
    assert kind == "WooCommerce's export of products"
    assert set(products) == {"1", "4"}
    tee = products["1"]
    # A value that a variation leaves open is any of the parent's.
    assert forms(tee) == [
        ("3/Red/S", {"Color": "Red", "Size": "S"}, 2000, 2500, "in stock"),
        ("3/Red/M", {"Color": "Red", "Size": "M"}, 2000, 2500, "in stock"),
        ("2", {"Color": "Blue", "Size": "S"}, 2500, None, "backorder"),
    ]
    assert (tee.category, tee.link) == (("Clothing", "T-shirts"), f"{SHOP}/?p=1")
    assert [v.link for v in tee.variants] == [f"{SHOP}/?p=3", f"{SHOP}/?p=3", f"{SHOP}/?p=2"]
    # Its sale ended in 2017.
    mug = products["4"]
    assert (mug.price_minor, mug.was, mug.color) == (1200, None, "Green")
    assert reading.switched_off == {"not published": 1}


MAGENTO = """\
sku,store_view_code,product_type,categories,name,description,product_online,visibility,price,\
special_price,special_price_from_date,special_price_to_date,url_key,base_image,\
additional_attributes,qty,is_in_stock,configurable_variations
tee-s,,simple,,Tee-S,,1,Not Visible Individually,52,40,1/1/20,,tee-s,/red.png,"size=S,color=Red",\
3,1,
tee-m,,simple,,Tee-M,,1,Not Visible Individually,52,,,,tee-m,/blue.png,"size=M,color=Red",0,0,
tee,,configurable,"Default Category/Men/Tops,Default Category/Sale",Tee,Soft,1,"Catalog, Search",\
52,,,,,/red.png,"material=Cotton|Linen,has_options=1",0,1,"sku=tee-s,size=S|sku=tee-m,size=M"
tee,de,configurable,,Hemd,,,,,,,,,,,,,
cap,,simple,Default Category/Hats,Cap,,2,"Catalog, Search",9,,,,cap,/green.png,,1,1,
"""


def test_magento_children_are_variants_and_never_products(tmp_path: Path) -> None:
    products, reading, kind = read(tmp_path, MAGENTO)
    assert kind == "Magento's export of products"
    (tee,) = products.values()
    assert forms(tee) == [
        ("tee-s", {"Size": "S"}, 4000, 5200, "in stock"),
        ("tee-m", {"Size": "M"}, 5200, None, "out of stock"),
    ]
    assert (tee.id, tee.category, tee.more_categories) == ("tee", ("Men", "Tops"), ("Sale",))
    assert tee.link == f"{SHOP}/tee.html"
    assert [v.link for v in tee.variants] == [f"{SHOP}/tee-s.html", f"{SHOP}/tee-m.html"]
    assert tee.material == "Cotton, Linen"
    assert Path(tee.image).name == "red.png"
    assert reading.switched_off == {"disabled": 1}


BIGCOMMERCE = """\
Item Type,Product ID,Product Name,Product Code/SKU,Brand Name,Price,Sale Price,Retail Price,\
Product Visible?,Allow Purchases?,Track Inventory,Current Stock Level,Category,\
Product Image File - 1,Product URL,Product Custom Fields
Product,7,Tee,TEE,Co,20.00,15.00,,Y,Y,by option,5,Home/Tops,red.png,/tee/,Fit=Slim
SKU,8,[S]Size=S,TEE-S,,20.00,15.00,,,,by option,0,,,,
SKU,9,"[S]Size=M,[RB]Color=Red",TEE-M,,21.00,,,,,by option,5,,blue.png,,
Product,10,Hidden,HID,Co,9.00,,,N,Y,none,0,Home,red.png,/hid/,
"""


def test_bigcommerce_variants_stand_right_behind_their_product(tmp_path: Path) -> None:
    products, reading, kind = read(tmp_path, BIGCOMMERCE)
    assert kind == "BigCommerce's export of products"
    (tee,) = products.values()
    assert forms(tee) == [
        ("TEE-S", {"Size": "S"}, 1500, 2000, "out of stock"),
        ("TEE-M", {"Size": "M", "Color": "Red"}, 2100, None, "in stock"),
    ]
    assert (tee.link, tee.attributes) == (f"{SHOP}/tee/", (("Fit", "Slim"),))
    assert (tee.category, tee.availability) == (("Home", "Tops"), "in stock")
    assert reading.switched_off == {"not published": 1}


SQUARESPACE = """\
Product ID [Non Editable],Variant ID [Non Editable],Product Page,Product URL,Title,Description,SKU,\
Option Name 1,Option Value 1,Price,Sale Price,On Sale,Stock,Categories,Tags,Visible,\
Hosted Image URLs
p1,v1,shop,tee,Blue tee,Soft,SQ1,Size,S,20.00,15.00,Yes,0,"shirts, summer",new,Yes,red.png
,v2,,,,,SQ2,Size,M,22.00,15.00,No,Unlimited,,,,
p2,v3,shop,cap,Cap,,SQ3,,,9.00,0.00,No,2,hats,,Yes,blue.png
p3,v4,shop,secret,Secret,,SQ4,,,9.00,0.00,No,2,hats,,No,blue.png
"""


def test_squarespace_rows_without_a_title_belong_to_the_row_above(tmp_path: Path) -> None:
    products, reading, kind = read(tmp_path, SQUARESPACE)
    assert kind == "Squarespace's export of products"
    assert forms(products["p1"]) == [
        ("v1", {"Size": "S"}, 1500, 2000, "out of stock"),
        ("v2", {"Size": "M"}, 2200, None, "in stock"),
    ]
    assert (products["p1"].category, products["p1"].more_categories) == (("shirts",), ("summer",))
    assert products["p1"].link == f"{SHOP}/shop/p/tee"
    cap = products["p2"]
    assert (cap.price_minor, cap.was, cap.codes, cap.quantity) == (900, None, ("SQ3",), 2)
    assert reading.switched_off == {"not published": 1}


WIX = """\
handleId,fieldType,name,description,productImageUrl,collection,sku,price,surcharge,visible,\
discountMode,discountValue,inventory,productOptionName1,productOptionDescription1,\
additionalInfoTitle1,additionalInfoDescription1
p1,Product,Lamp,Paper,red.png;506c6a_0123456789abcdef0123456789abcdef~mv2.jpg,Lamps;Sale,,25.0,,\
true,PERCENT,20.0,InStock,Color,Red;Blue,Care,Dust it
p1,Variant,,,,,w-r,,0.0,true,,,InStock,,#ff0000:Red,,
p1,Variant,,,,,w-b,,5.0,true,,,OutOfStock,,Blue,,
p2,Product,Free,Paper,blue.png,Lamps,,0.0,,true,,,7,,,,
p3,Product,Hidden,Paper,blue.png,Lamps,,9.0,,false,,,7,,,,
"""


def test_wix_variants_cost_more_than_their_product_by_a_surcharge(tmp_path: Path) -> None:
    products, reading, kind = read(tmp_path, WIX)
    assert kind == "Wix's export of products"
    lamp = products["p1"]
    assert forms(lamp) == [
        ("p1/Red", {"Color": "Red"}, 2000, 2500, "in stock"),
        ("p1/Blue", {"Color": "Blue"}, 2400, 3000, "out of stock"),
    ]
    assert lamp.more_images[0].startswith("https://static.wixstatic.com/media/506c6a_")
    assert (lamp.category, lamp.more_categories) == (("Lamps",), ("Sale",))
    assert lamp.attributes == (("Care", "Dust it"),)
    # A placeholder of 0 is no price.
    assert (products["p2"].price_minor, products["p2"].quantity) == (None, 7)
    assert reading.switched_off == {"not published": 1}


SPREE = """\
slug,sku,name,price,compare_at_price,currency,status,description,product_type,category1,\
option1_name,option1_value,image1_src,inventory_count,track_inventory,custom_field.power
kettle,KET,Kettle,0,0,EUR,active,Boils,Appliance,Kitchen -> Kettles,,,red.png,,,2 kW
kettle,KET-R,,49.99,59.99,EUR,,,,,Color,Red,red.png,3,true,
kettle,KET-B,,54.99,54.99,EUR,,,,,Color,Blue,blue.png,0,true,
jug,JUG,Jug,0,0,EUR,draft,,Appliance,,,,red.png,,,
"""
MEDUSA = """\
Product Id,Product Handle,Product Title,Product Description,Product Status,Product Thumbnail,\
Product Material,Product Tags,Variant Id,Variant SKU,Variant Inventory Quantity,\
Variant Allow Backorder,Variant Manage Inventory,Price EUR,Option 1 Name,Option 1 Value
prod_1,kettle,Kettle,Boils,published,red.png,Steel,hot,var_r,KET-R,3,false,true,49.99,Color,Red
prod_1,kettle,Kettle,Boils,published,red.png,,,var_b,KET-B,0,false,true,54.99,Color,Blue
prod_2,jug,Jug,,draft,red.png,,,var_j,JUG,1,false,true,9.00,,
"""
VENDURE = """\
name,slug,description,assets,facets,optionGroups,optionValues,sku,price,stockOnHand,trackInventory,\
currencyCode
Kettle,kettle,Boils,red.png|blue.png,,Color,Red,KET-R,49.99,3,true,EUR
,,,,,,Blue,KET-B,54.99,0,true,EUR
"""
SALEOR = """\
id,name,description as str,product type,category,product media,variant id,variant sku,\
variant media,size (variant attribute),channel price amount,channel currency code,warehouse quantity
P1,Kettle,Boils,Appliance,Kettles,red.png,V1,KET-R,,S,49.99,EUR,3
P1,Kettle,Boils,Appliance,Kettles,red.png,V2,KET-B,blue.png,M,54.99,EUR,0
"""


@pytest.mark.parametrize(
    ("text", "kind", "identity", "ids"),
    [
        (SPREE, "Spree's export of products", "kettle", ["KET-R", "KET-B"]),
        (MEDUSA, "Medusa's export of products", "kettle", ["var_r", "var_b"]),
        (VENDURE, "Vendure's file of products", "kettle", ["KET-R", "KET-B"]),
        (SALEOR, "Saleor's export of products", "P1", ["KET-R", "KET-B"]),
    ],
)
def test_exports_with_a_row_a_variant_give_one_product(
    tmp_path: Path, text: str, kind: str, identity: str, ids: list[str]
) -> None:
    products, _, found = read(tmp_path, text)
    assert found == kind
    assert list(products) == [identity]
    kettle = products[identity]
    assert (kettle.title, kettle.currency, kettle.price_minor) == ("Kettle", "EUR", 4999)
    assert [(v.id, v.price, v.availability) for v in kettle.variants] == [
        (ids[0], 4999, "in stock"), (ids[1], 5499, "out of stock"),
    ]  # fmt: skip
    values = {name: value for v in kettle.variants[:1] for name, value in v.options}
    assert values in ({"Color": "Red"}, {"Size": "S"})
    assert Path(kettle.image).name == "red.png"


def test_spree_keeps_prices_before_that_are_higher_alone(tmp_path: Path) -> None:
    products, reading, _ = read(tmp_path, SPREE)
    kettle = products["kettle"]
    assert [v.was for v in kettle.variants] == [5999, None]
    assert (kettle.link, kettle.attributes) == (f"{SHOP}/products/kettle", (("Power", "2 kW"),))
    assert kettle.category == ("Kitchen", "Kettles")
    assert reading.switched_off == {"draft": 1}


PRESTASHOP = """\
Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax included;Discount amount;\
Discount from (yyyy-mm-dd);Discount to (yyyy-mm-dd);Reference #;Manufacturer;EAN13;Quantity;\
URL rewritten;Description;Tags (x,y,z...);Image URLs (x,y,z...);Feature (Name:Value:Position);\
Attribute (Name:Type:Position);Value (Value:Position);Impact on price
1;1;Lamp;Home, Lamps;20.00;5;2020-01-01;;REF1;Co;4006381333931;4;lamp;Glows;red,new;\
red.png,blue.png;Height:30 cm:1,Power:5 W:2;;;
2;0;Off;Home;10.00;;;;REF2;Co;;1;off;;;red.png;;;;
1;;;;;;;;REF1-S;;;0;;;;;;Size:select:0,S:0,0
1;;;;;;;;REF1-M;;;3;;;;;;Size:select:0;M:0;2.50
""".replace("Size:select:0,S:0,0", "Size:select:0;S:0;0")


def test_prestashop_combinations_add_to_the_price_of_their_product(tmp_path: Path) -> None:
    products, reading, kind = read(tmp_path, PRESTASHOP)
    assert kind == "PrestaShop's file of products"
    (lamp,) = products.values()
    assert [(v.id, v.options, v.price, v.availability) for v in lamp.variants] == [
        ("REF1-S", (("Size", "S"),), 2000, "out of stock"),
        ("REF1-M", (("Size", "M"),), 2250, "in stock"),
    ]
    assert lamp.attributes == (("Height", "30 cm"), ("Power", "5 W"))
    assert (lamp.brand, lamp.tags, lamp.link) == ("Co", ("red", "new"), f"{SHOP}/1-lamp.html")
    assert (lamp.category, lamp.more_categories) == (("Home",), ("Lamps",))
    assert reading.switched_off == {"not published": 1}


def test_opencart_export_is_read(tmp_path: Path) -> None:
    text = """\
product_id,name(en-gb),categories,sku,model,manufacturer,image_name,price,quantity,status,\
stock_status_id,description(en-gb),tags(en-gb)
7,Lamp,Home > Lamps,L-1,M-1,Co,red.png,20.00,0,true,5,Glows,red
8,Off,Home,L-2,M-2,Co,red.png,20.00,3,false,5,Glows,
"""
    products, reading, kind = read(tmp_path, text)
    assert kind == "OpenCart's export of products"
    (lamp,) = products.values()
    assert (lamp.id, lamp.title, lamp.price_minor, lamp.availability) == (
        "7", "Lamp", 2000, "out of stock"
    )  # fmt: skip
    assert (set(lamp.codes), lamp.category) == ({"L-1", "M-1"}, ("Home", "Lamps"))
    assert lamp.link == f"{SHOP}/index.php?route=product/product&product_id=7"
    assert reading.switched_off == {"switched off": 1}


def test_etsy_variations_are_each_with_each(tmp_path: Path) -> None:
    text = """\
TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,MATERIALS,IMAGE1,IMAGE2,VARIATION 1 TYPE,\
VARIATION 1 NAME,VARIATION 1 VALUES,VARIATION 2 TYPE,VARIATION 2 NAME,VARIATION 2 VALUES,SKU
Ring,Silver ring,12.50,EUR,3,"gift,hand_made","silver,gold",red.png,blue.png,Size,Size,"7,8",\
Finish,Finish,"Matte,Shiny",R1
"""
    products, _, kind = read(tmp_path, text)
    assert kind == "Etsy's file of listings"
    ring = products["R1"]
    assert [dict(v.options) for v in ring.variants] == [
        {"Size": size, "Finish": finish} for size in "78" for finish in ("Matte", "Shiny")
    ]
    assert {v.price for v in ring.variants} == {1250}
    assert (ring.tags, ring.material) == (("gift", "hand made"), "silver, gold")
    assert len(ring.more_images) == 1


def test_ebay_variations_stand_behind_their_listing(tmp_path: Path) -> None:
    text = """\
*Action(SiteID=US),CustomLabel,*Title,Relationship,RelationshipDetails,*StartPrice,*Quantity,\
PicURL,*ConditionID,C:Brand,C:Material
Add,TEE,Tee,,Color=Red;Blue|Size=S,,,red.png,1000,Co,Cotton
,TEE-R,,Variation,Color=Red|Size=S,9.99,4,,,,
,TEE-B,,Variation,Color=Blue|Size=S,10.99,0,,,,
"""
    products, _, kind = read(tmp_path, text)
    assert kind == "eBay's file of listings"
    tee = products["TEE"]
    assert forms(tee) == [
        ("TEE-R", {"Color": "Red", "Size": "S"}, 999, None, "in stock"),
        ("TEE-B", {"Color": "Blue", "Size": "S"}, 1099, None, "out of stock"),
    ]
    assert (tee.brand, tee.material, tee.condition) == ("Co", "Cotton", "New")
