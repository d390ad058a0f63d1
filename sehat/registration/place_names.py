"""The States and union territories by the names under which a Hindi page shows them.

Districts and cities stay as the post writes them: nobody keeps an official list in Devanagari.
"""

from django.utils.translation import gettext_lazy as _

STATES = {
    "Andaman and Nicobar Islands": _("Andaman and Nicobar Islands"),
    "Andhra Pradesh": _("Andhra Pradesh"),
    "Arunachal Pradesh": _("Arunachal Pradesh"),
    "Assam": _("Assam"),
    "Bihar": _("Bihar"),
    "Chandigarh": _("Chandigarh"),
    "Chhattisgarh": _("Chhattisgarh"),
    "Delhi": _("Delhi"),
    "Goa": _("Goa"),
    "Gujarat": _("Gujarat"),
    "Haryana": _("Haryana"),
    "Himachal Pradesh": _("Himachal Pradesh"),
    "Jammu and Kashmir": _("Jammu and Kashmir"),
    "Jharkhand": _("Jharkhand"),
    "Karnataka": _("Karnataka"),
    "Kerala": _("Kerala"),
    "Ladakh": _("Ladakh"),
    "Lakshadweep": _("Lakshadweep"),
    "Madhya Pradesh": _("Madhya Pradesh"),
    "Maharashtra": _("Maharashtra"),
    "Manipur": _("Manipur"),
    "Meghalaya": _("Meghalaya"),
    "Mizoram": _("Mizoram"),
    "Nagaland": _("Nagaland"),
    "Odisha": _("Odisha"),
    "Puducherry": _("Puducherry"),
    "Punjab": _("Punjab"),
    "Rajasthan": _("Rajasthan"),
    "Sikkim": _("Sikkim"),
    "Tamil Nadu": _("Tamil Nadu"),
    "Telangana": _("Telangana"),
    "The Dadra and Nagar Haveli and Daman and Diu": _("The Dadra and Nagar Haveli and Daman and Diu"),
    "Tripura": _("Tripura"),
    "Uttar Pradesh": _("Uttar Pradesh"),
    "Uttarakhand": _("Uttarakhand"),
    "West Bengal": _("West Bengal"),
}
