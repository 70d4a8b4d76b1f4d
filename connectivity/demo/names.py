"""Names that Chicago's families have, by community. The lists are our own; every person made from them is made up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """One community's names, as it writes them. `feminine`: how a surname changes for a woman (Kowalski, Kowalska)."""

    surnames: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    two_surnames: float = 0.0  # share of families in which people bear two surnames
    feminine: tuple[tuple[str, str], ...] = ()

    def surname_of_woman(self, surname: str) -> str:
        """The form of a surname a woman bears."""
        for ending, hers in self.feminine:
            if surname.endswith(ending):
                return surname.removesuffix(ending) + hers
        return surname


def _listed(text: str) -> tuple[str, ...]:
    """Names separated by spaces; an underscore is a space within a name."""
    return tuple(name.replace("_", " ") for name in text.split())


HISPANIC = Names(
    surnames=_listed("""
        García Martínez Rodríguez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Reyes Cruz
        Morales Ortiz Gutiérrez Chávez Ramos Ruiz Mendoza Álvarez Jiménez Castillo Vásquez Romero Moreno Herrera Medina Aguilar
        Vargas Guzmán Méndez Muñoz Salazar Garza Soto Vega Delgado Ríos Núñez Peña Ávila Sandoval Domínguez Contreras Estrada
        Ortega Guerrero Cervantes Fuentes Rosales Velázquez Cárdenas Lara Nava Ochoa Serrano Barrera Robles Cabrera Arroyo
        Zamora Villanueva Ibarra Trujillo Mejía Cortés Bahena Salgado Figueroa Santiago Colón Rosario Maldonado Padilla Quiñones
        De_La_Cruz De_León Del_Toro Montes_de_Oca Ibáñez Yáñez Zúñiga Escobedo Villaseñor Acuña Tapia Pacheco
        """),
    women=_listed("""
        María Guadalupe Rosa Ana Verónica Leticia Claudia Patricia Alejandra Gabriela Adriana Maricela Silvia Norma Elvia Lourdes
        Araceli Yolanda Beatriz Elena Isabel Carmen Teresa Irma Esperanza Marisol Mónica Sandra Lorena Rocío Karina Yesenia
        Griselda Blanca Luz_María Ana_Laura María_Elena Rosa_María Martha Alicia Noemí Graciela Olga Lidia Juana Estela Nancy
        Diana Susana Brenda Erika Miriam Rebeca Magdalena Consuelo Cecilia Fabiola Liliana Margarita Josefina Inés
        """),
    men=_listed("""
        José Juan Luis Carlos Jesús Miguel Francisco Jorge Antonio Manuel Alejandro Ricardo Fernando Roberto Eduardo Javier Raúl
        Sergio Arturo Gerardo Martín Rafael Pedro Víctor Ramón Óscar Enrique Armando Salvador Alfredo Guillermo Ernesto Hugo
        Rubén Joaquín Ignacio Felipe Rodrigo Gustavo Julio César Adrián Israel Noé Efraín Gilberto Rigoberto Saúl Agustín Andrés
        José_Luis Juan_Carlos Moisés Abel Héctor Édgar Iván Ulises Marcos Tomás
        """),
    girls=_listed("""
        Sofía Camila Valentina Isabella Ximena Emily Daniela Natalia Victoria Regina Mía Luna Andrea Alondra Jazmín Ariana Paola
        Fernanda Melanie Kimberly Ashley Valeria Abigail Samantha Genesis Melissa Leslie Julissa Dayana Esmeralda Itzel Marely
        Yaretzi Citlali Xóchitl Renata Emilia Romina Catalina Lucía Ana_Sofía Elizabeth Michelle Stephanie Giselle Nayeli
        América Perla Estefanía Carolina Alexa Zoé Aitana Miranda Luz Paloma Dulce Jimena Karla Aurora Évelyn
        """),
    boys=_listed("""
        Santiago Mateo Sebastián Diego Ángel Emiliano Leonardo Daniel David Alexander Gael Matías Jayden Isaac Nicolás Josué Aarón
        Kevin Brandon Bryan Christopher Anthony Jonathan Emmanuel Axel Iker Ian Maximiliano Joel Damián Cristian Samuel Abraham
        Fabián Esteban Elías Ezequiel Dylan Erick Giovanni Alan Abel Uriel Ismael Julián Thiago Rodrigo Adán Yahir Jorge_Luis
        Miguel_Ángel Joaquín Bruno Lucas Benjamín Raúl Simón Tadeo Adrián Noel Efrén
        """),
    two_surnames=0.42,
)

BLACK = Names(
    surnames=_listed("""
        Williams Johnson Smith Jones Brown Jackson Davis Thomas Harris Robinson Taylor Wilson Moore White Washington Anderson
        Walker Lewis Green Carter Young Hall Allen Wright Scott King Mitchell Turner Coleman Hill Edwards Jefferson Bell Brooks
        Howard Ward Watson Hayes Bryant Patterson Henderson Jenkins Simmons Foster Alexander Butler Griffin Banks Hampton Booker
        Gaines Mosley Whitfield Pettigrew Dorsey Ousley Muhammad Shabazz Tolliver Broadnax Gholston Hollingsworth McGhee O’Neal
        Dantzler Womack Stallworth Cheatham Pickens Lofton Bolden Dukes Vaughn Haynes
        """),
    women=_listed("""
        Latoya Tamika Denise Angela Keisha Yolanda Monique Tanya Nicole Ebony Kimberly LaShawn Tiffany Erica Shanice Crystal
        Latasha Yvonne Regina Sharon Dorothy Loretta Jacqueline Brenda Cheryl Danielle Shaniqua Kenya Candace Felicia Rochelle
        Tonya Vanessa Chanel Dominique Raven Aisha Nakia Sheila Marquita Deborah Carla Charmaine Renee Alicia Jasmine Brittany
        Porsha Toya LaKeisha Shanell Ernestine Gwendolyn Patrice Valerie Wanda Rhonda Simone Octavia Bernadette
        """),
    men=_listed("""
        Marcus Darnell Terrence Andre Reginald Anthony Jerome Maurice Tyrone Kevin Curtis Lamont Dwayne Darryl Antoine Willie
        Jamal Cedric Calvin Leon Vernon Clarence Rodney Byron Demetrius Corey Derrick Earl Melvin Nathaniel Otis Percy Quincy
        Roosevelt Stanley Theodore Tremaine Vincent Wendell Xavier Donnell Lavelle Cornelius Alvin Bernard Carlton Desmond
        Emmanuel Fredrick Gerald Herman Isaiah Jermaine Kendrick Lorenzo Malcolm Nelson Orlando Preston Ronald
        """),
    girls=_listed("""
        Aaliyah Nevaeh Kennedy Zoe Imani Jada London Skylar Serenity Destiny Amari Brooklyn Makayla Trinity Kayla Nia Zaria
        Ariyah Journee Faith Heaven Janiyah Kamiyah Layla Morgan Naomi Paris Royalty Saniyah Taniya Ava Chloe Diamond Egypt
        Gabrielle Harmony Ivory Jordyn Kaliyah Laila Milan Nyla Promise Reign Sanaa Tiana Unique Vivian Winter Zuri Amira
        Blessing Dakota Essence Genesis Hope Khloe Mariah Amaya DeNiyah
        """),
    boys=_listed("""
        Jayden Elijah Josiah Amir Malik Jeremiah Isaiah Xavier Kameron Messiah Aiden Cameron Devin Ethan Jalen King Kingston
        Legend Mekhi Noah Omari Princeton Quentin Rashad Semaj Tyler Zion Ayden Bryce Carter Darius DeAndre Elias Gabriel Hasan
        Israel Jaylen Karter Landon Mason Nasir Prince Royal Sincere Tristan Braylon Chase Davion DeShawn Jamari Kyrie Lamar
        Major Micah Demarion Ja’Kobe Trayvon Myles Nehemiah Langston
        """),
)

WHITE = Names(
    surnames=_listed("""
        Murphy O’Brien Kelly Sullivan Walsh Ryan Burke Doyle Flynn Gallagher Hennessy McCarthy O’Connor Quinn Schmidt Müller
        Schneider Wagner Becker Hoffman Keller Meyer Weber Zimmerman Miller Clark Baker Adams Nelson Cooper Morgan Peterson
        Olson Larson Hansen Lindquist Russo Romano Esposito Bianchi DeLuca Caruso Ferrara Marino Novak Horvat Petrović Jovanović
        Nikolić Popović Hadžić Hodžić Dimitriou Papadopoulos Kaplan Rosen Goldberg Friedman Stein Bennett Campbell Fletcher
        Graham Harper Hughes Price
        """),
    women=_listed("""
        Jennifer Amy Michelle Kathleen Mary Colleen Erin Maureen Laura Stephanie Heather Megan Melissa Christine Susan Karen
        Julie Rachel Sarah Emily Katherine Bridget Eileen Nora Sheila Theresa Donna Deborah Lisa Kelly Tracy Dana Heidi Ingrid
        Kristin Marissa Gina Angela Francesca Rosemary Jelena Milica Snežana Amra Lejla Selma Eleni Sophia Rebecca Hannah Leah
        Naomi Shannon Tara Paige Allison Beth Carrie Danielle Holly
        """),
    men=_listed("""
        Michael John Patrick Brian Kevin Thomas James Robert William Daniel Sean Timothy Matthew Mark Steven David Joseph Paul
        Edward Dennis Gregory Scott Eric Jason Jeffrey Keith Peter Stephen Andrew Christopher Anthony Frank Vincent Dominic
        Nicholas Ryan Adam Aaron Benjamin Seth Joshua Zoran Dragan Goran Nikola Emir Adnan Mirza Dimitris Yannis Karl Hans Erik
        Lars Declan Liam Owen Colin Craig Glenn
        """),
    girls=_listed("""
        Emma Olivia Ava Charlotte Amelia Harper Evelyn Grace Lily Hannah Nora Maeve Claire Fiona Molly Riley Quinn Piper Stella
        Violet Hazel Ivy Ruby Audrey Lucy Anna Sadie Josephine Eleanor Clara Alice Margaret Caroline Kate Abby Reagan Delaney
        Kaitlyn Brooke Paige Teagan Sloane Juniper Willow Elena Mila Sara Lana Hana Ema Sofia Gianna Mia Bella Lucia Daphne
        Thea Rose Mary_Kate Tess
        """),
    boys=_listed("""
        Liam Noah Jack Owen Henry Declan Finn Connor Ryan Patrick Michael Thomas James William Charles George Theodore Oliver
        Lucas Logan Wyatt Hunter Cole Max Leo Nolan Brendan Aidan Colin Sean Cormac Eamon Kieran Luke Matthew Nathan Nicholas
        Vincent Dominic Anthony Joseph Peter Paul Simon Stefan Marko Luka Nikola Emin Tarik Adam Ben Sam Eli Caleb Asher Ezra
        Miles Jonah Gus
        """),
)

POLISH = Names(
    surnames=_listed("""
        Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski Jankowski
        Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Wróbel
        Majewski Olszewski Stępień Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Górski Witkowski Walczak Sikora Baran
        Rutkowski Michalak Szewczyk Ostrowski Tomaszewski Pietrzak Zalewski Wróblewski Marciniak Jasiński Bąk Zawadzki Duda
        Chmielewski Borkowski Łukaszewski Sokołowski Szczepański Sadowski Kucharski Gąsienica Żak Ślusarczyk
        """),
    women=_listed("""
        Agnieszka Katarzyna Małgorzata Joanna Beata Ewa Dorota Renata Monika Iwona Jolanta Grażyna Bożena Anna Barbara Krystyna
        Elżbieta Magdalena Aneta Marzena Danuta Teresa Halina Urszula Wioletta Sylwia Edyta Justyna Karolina Kinga Aleksandra
        Zofia Alicja Wanda Lucyna Izabela Mariola Bogusława Stanisława Jadwiga
        """),
    men=_listed("""
        Piotr Krzysztof Andrzej Tomasz Paweł Jan Marcin Marek Grzegorz Stanisław Józef Adam Zbigniew Jerzy Dariusz Mariusz
        Wojciech Jacek Ryszard Robert Łukasz Rafał Sławomir Mirosław Janusz Kazimierz Henryk Tadeusz Bogdan Czesław Leszek
        Artur Michał Waldemar Zdzisław Władysław Edward Roman Jarosław Maciej
        """),
    girls=_listed("""
        Zuzanna Julia Maja Hanna Lena Alicja Oliwia Amelia Zofia Wiktoria Natalia Nikola Gabriela Aleksandra Emilia Karolina
        Weronika Patrycja Klaudia Kinga Dominika Martyna Nadia Milena Laura Antonina Helena Pola Iga Michalina Emily Nicole
        Jessica Victoria Sara Kaja Liliana Jagoda Blanka Malwina
        """),
    boys=_listed("""
        Jakub Kacper Filip Szymon Antoni Adam Michał Mateusz Bartosz Dawid Kamil Patryk Sebastian Oskar Igor Aleksander Wiktor
        Maksymilian Dominik Daniel Konrad Hubert Krystian Damian Eryk Tymon Franciszek Stanisław Leon Nikodem Brian Kevin Oliver
        Gabriel Marcel Błażej Miłosz Fabian Alan Łukasz
        """),
    feminine=(("ski", "ska"), ("cki", "cka"), ("dzki", "dzka")),
)

CHINESE = Names(
    surnames=_listed("""
        Chen Li Wang Zhang Liu Huang Lin Wu Zhou Xu Sun Ma Zhu Hu Guo He Luo Liang Zheng Xie Tang Deng Feng Cao Peng Zeng Xiao
        Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lü Ding Ren Shen Yao Lu Jin Tan Chan Wong Lee Leung Cheung Lau Ng
        Kwok Moy Tam Chiu Fong Mui Yee Lam Ho Au
        """),
    women=_listed("""
        Mei Xiu_Ying Li_Na Yan Fang Jing Hui_Min Xiao_Hong Yu_Lan Qiu_Yue Mei_Ling Sau_Ying Wai_Fong Yuk_Lan Lai_Kuen Shu_Fen
        Ya_Ting Pei_Shan Ying Juan Hong Ling Min Na Ping Qing Rong Shan Ting Wen Xia Xue Yun Zhen Amy Grace Nancy Susan Winnie
        Vivian
        """),
    men=_listed("""
        Wei Jian_Guo Ming Qiang Jun Zhi_Wei Guo_Qiang Wen_Hua Yong Bin Chao Dong Feng Gang Hao Hui Jie Kang Lei Liang Long Peng
        Ping Rui Tao Tian Xin Yang Yi Zhong Kam_Wing Chi_Keung Wing_Fai Siu_Ming Hon_Wah Kenny Raymond Wilson Jason Simon
        """),
    girls=_listed("""
        Emily Jessica Amy Vivian Angela Cindy Jenny Tiffany Michelle Kelly Wendy Joyce Cherry Ivy Yvonne Mei_Qi Zi_Han Xin_Yi
        Yu_Tong Shi_Han Ke_Xin Yi_Nuo Jia_Yi Wan_Ting Hoi_Yan Lok_Yi Tsz_Ching Sophia Chloe Elaine Fiona Selina Mandy Annie
        Eva Ella Irene Kaitlyn Natalie Zoey
        """),
    boys=_listed("""
        Kevin Jason Andy Eric Ryan Vincent Alan Henry Leo Lucas Ethan Nathan Derek Ricky Tony Hao_Ran Zi_Xuan Yu_Xuan Jun_Jie
        Ming_Zhe Yi_Chen Bo_Wen Ka_Ho Chun_Hei Tsz_Hin Wai_Lun Edison Winston Wesley Felix Jackson Aaron Brian Calvin Daniel
        Jeffrey Marcus Oscar Raymond William
        """),
)

SOUTH_ASIAN = Names(
    surnames=_listed("""
        Khan Ahmed Ali Hussain Malik Siddiqui Sheikh Syed Qureshi Mirza Ansari Baig Chaudhry Farooqui Hashmi Iqbal Javed Kazmi
        Lodhi Memon Naqvi Pathan Rizvi Shah Usmani Zaidi Patel Desai Mehta Joshi Trivedi Parikh Gandhi Modi Sharma Gupta Verma
        Singh Kaur Reddy Rao Nair Menon Iyer Krishnan Thomas Mathew Varghese George Chowdhury Rahman Islam Hossain Begum Akter
        Karim Miah Sarkar Das Thapa Shrestha Gurung Rai
        """),
    women=_listed("""
        Fatima Ayesha Saima Nadia Rukhsana Shabana Farzana Tahira Samina Rubina Asma Bushra Sadia Uzma Zainab Nasreen Shazia
        Mehnaz Priya Anjali Sunita Kavita Rekha Hetal Jyoti Neha Pooja Nisha Meena Lakshmi Deepa Shilpa Sangeeta Rehana Salma
        Nargis Sultana Maya Sita Bimala
        """),
    men=_listed("""
        Mohammed Imran Asif Tariq Naveed Shahid Khalid Rashid Salman Faisal Adnan Kamran Waqar Zahid Irfan Nasir Aslam Javed
        Rajesh Sanjay Amit Vijay Suresh Ramesh Dinesh Mahesh Nilesh Hitesh Ashok Anil Harpreet Gurpreet Manoj Prakash Kiran
        Abdul Mizanur Shafiq Bishnu Dil
        """),
    girls=_listed("""
        Ayesha Maryam Hiba Zara Aliza Iqra Maham Hafsa Amna Laiba Noor Zoya Anaya Inaya Mahnoor Areeba Rida Sana Hania Aisha
        Diya Riya Ananya Aanya Isha Kavya Mira Nikita Pooja Saanvi Simran Tanvi Trisha Jasleen Navya Tasnim Nusrat Farhana
        Aarohi Prisha
        """),
    boys=_listed("""
        Muhammad Ahmed Hamza Ibrahim Yusuf Bilal Zain Rayan Haris Saad Taha Umar Usman Zaid Hassan Hussain Abdullah Ayaan Arham
        Daniyal Aarav Arjun Dev Ishaan Krish Neel Om Rohan Vivaan Yash Karan Jay Sahil Nikhil Aryan Tahmid Rafi Sameer Anik
        Bibek
        """),
)

ARABIC = Names(
    surnames=_listed("""
        Hassan Ibrahim Salem Mansour Khalil Haddad Nasser Saleh Hamdan Odeh Awad Abdallah Al-Masri Al-Khatib Abu_Zahra
        Abu_Khalil Shaheen Jaber Issa Darwish Barakat Qasem Hamad Suleiman Yousef Zayed Rashid Ayyad Bader Daoud El-Amin
        El-Sayed Farah Ghanem Habib Jamal Kanaan Mahmoud Najjar Othman Rahim Sabbagh Taha Younan Youkhana Khoshaba Shlimon
        Benjamin Odisho Isho Tamimi Zeidan Alwan Hamideh Muhsen Musleh Atieh Samara Sweis Ziyad
        """),
    women=_listed("""
        Fatima Amal Hanan Samira Layla Nadia Rania Suha Iman Khadija Maha Wafa Najwa Zeina Huda Ibtisam Rasha Rima Sawsan Abeer
        Dalal Faten Ghada Hala Jihan Lina Manal Nawal Reem Sahar Shirin Ashurina Nineveh Mona Amani Asma Basma Dina Hiba Yasmin
        """),
    men=_listed("""
        Ahmad Mohammad Omar Khaled Yousef Ibrahim Mahmoud Hassan Ali Samir Nabil Fadi Jamal Walid Bassam Ziad Tarek Rami Nidal
        Imad Adel Hisham Issam Munir Sami Fouad Majed Raed Ayman Bilal Ashur Sargon Ninos Yaser Mazen Hatem Anwar Basel Fares
        Ghassan
        """),
    girls=_listed("""
        Maryam Jana Layan Sara Noor Yasmeen Salma Hala Leen Malak Tala Judy Sidra Lujain Rahaf Aya Batoul Dana Farah Ghazal
        Haneen Joud Lama Maya Nadine Rawan Sama Taleen Zainab Ashley Amira Dania Jenna Lana Mira Rital Selena Tia Wateen Zahra
        """),
    boys=_listed("""
        Adam Yousef Omar Ahmad Zaid Karam Jad Amir Laith Yazan Kareem Hamza Ibrahim Ali Hasan Mohammad Abdullah Anas Bashar
        Elias Faris George Hadi Issa Jawad Khalid Majd Nour Qais Rayan Saif Tamer Taim Wael Yahya Zain Malek Mark Ninos Sinan
        """),
)

VIETNAMESE = Names(
    surnames=_listed("""
        Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Đoàn Lâm Mai Tô Trương Cao Hà Châu Tạ
        Quách Thái La Lương Lưu Mạc Nghiêm Ông Phùng Quan Tăng Thạch Tôn Từ Vương Vi Doãn Kiều Khổng Giang Bạch An Chu Cung Diệp
        Đàm Đào Hứa Kim Lại Lục Ninh Nông
        """),
    women=_listed("""
        Lan Hương Mai Thủy Hạnh Hoa Ngọc Thu Phương Linh Dung Nga Oanh Tuyết Yến Bích Cúc Diễm Hằng Huệ Kim_Anh Liên Loan Nhung
        Quyên Thanh Thảo Trang Vân Xuân
        """),
    men=_listed("""
        Hùng Dũng Tuấn Minh Long Sơn Thành Quang Phong Hải Cường Đức Hiếu Khánh Lâm Nam Phúc Tâm Thắng Trung Bảo Bình Hòa Kiên
        Lộc Nghĩa Tài Thiện Toàn Vinh
        """),
    girls=_listed("""
        Kim Jenny Tiffany Vy My Thảo Trinh Ngân Uyên Quỳnh Anh Chi Giang Hân Khánh Linh Nhi Như Trâm Tú Amy Cindy Emily Kelly
        Lisa Nancy Tina Vivian Michelle Katie
        """),
    boys=_listed("""
        Kevin Andy Brian David Đạt Duy Hoàng Huy Khang Khoa Kiệt Long Minh Nam Nhân Phát Phú Quân Tân Thịnh Tony Trí Tuấn Việt
        Vincent Alex Danny Eric Johnny Steven
        """),
)

UKRAINIAN = Names(
    surnames=_listed("""
        Shevchenko Kovalenko Bondarenko Tkachenko Kravchenko Oliynyk Shevchuk Koval Polishchuk Bondar Tkachuk Moroz Marchenko
        Lysenko Rudenko Savchenko Petrenko Klymenko Pavlenko Kravchuk Kuzmenko Savchuk Vasylenko Panchenko Karpenko Hnatyuk
        Kostenko Melnychuk Sydorenko Romanyuk Stadnyk Hrytsenko Palamarchuk Levchenko Fedorenko Yakovenko Zinchenko Danylyuk
        Kushnir Honcharuk Ivashchenko Boyko Zubko Chornyi Bilyk Dyachenko Franko Haiduk Ilchenko Katsura Lukianenko Mazurenko
        Nazarenko Onyshchenko Pylypenko Reznik Sokolenko Tymoshenko Ustymenko Vovk
        """),
    women=_listed("""
        Oksana Olena Iryna Natalia Svitlana Tetiana Halyna Liudmyla Mariia Nadiia Larysa Yuliia Viktoriia Anna Oleksandra Inna
        Alla Lesia Zoriana Khrystyna Roksolana Solomiia Myroslava Uliana Valentyna Vira Yaroslava Alina Daryna Kateryna
        """),
    men=_listed("""
        Oleksandr Serhii Volodymyr Andrii Mykola Ivan Vasyl Petro Yurii Oleh Bohdan Taras Roman Ihor Viktor Dmytro Yaroslav
        Vitalii Stepan Mykhailo Anatolii Ruslan Ostap Nazar Maksym Denys Vadym Pavlo Yevhen Leonid
        """),
    girls=_listed("""
        Sofiia Anna Mariia Viktoriia Polina Daria Zlata Milana Solomiia Veronika Yeva Kira Anastasiia Diana Kateryna Emiliia
        Eva Arina Yelyzaveta Melaniia Oleksandra Alisa Vlada Ivanna Zoia Nika Marta Stefaniia Olha Lilia
        """),
    boys=_listed("""
        Artem Maksym Danylo Matvii Mark Tymofii Oleksandr Dmytro Bohdan Nazar Davyd Ivan Andrii Kyrylo Mykhailo Illia Yehor
        Roman Vladyslav Denys Marko Ostap Luka Zakhar Demian Lev Sviatoslav Yaroslav Oleh Adam
        """),
)

WEST_AFRICAN = Names(
    surnames=_listed("""
        Diallo Traoré Coulibaly Koné Ouattara Touré Camara Keïta Sow Barry Bah Sylla Cissé Ndiaye Diop Fall Gueye Mbaye Sarr
        Adeyemi Okafor Okonkwo Adebayo Ogunleye Balogun Eze Nwosu Obi Oyelaran Mensah Owusu Boateng Asante Agyeman Osei Appiah
        Addo Kouassi Kouamé Yao Mbemba Kabongo Tshibanda Mukendi Ilunga Kalala Mutombo Tesfaye Bekele Haile Tadesse Mohamed
        Abdi Hussein Warsame Gebremariam Habimana Nkurunziza Uwimana Ndayishimiye
        """),
    women=_listed("""
        Aminata Fatoumata Mariam Aïssatou Kadiatou Awa Adama Rokia Ngozi Chioma Adaeze Folake Yetunde Funmilayo Akua Abena Ama
        Efua Esperance Béatrice Clémentine Francine Hodan Fadumo Amina Halima Selam Hirut Almaz Divine
        """),
    men=_listed("""
        Mamadou Ibrahima Amadou Ousmane Moussa Abdoulaye Seydou Cheikh Emeka Chidi Obinna Tunde Kunle Segun Kwame Kofi Yaw
        Kwabena Jean-Pierre Patrice Dieudonné Célestin Abdirahman Yusuf Mohamed Dawit Yonas Tekle Innocent Emmanuel
        """),
    girls=_listed("""
        Aïcha Fanta Hawa Khadija Nafissatou Oumou Sira Zainab Amarachi Ifeoma Temitope Titilayo Adjoa Esi Grace Merveille
        Gloria Princess Ruth Naomi Hamdi Ifrah Sumaya Bethlehem Hanna Eden Keza Aline Gisèle Joy
        """),
    boys=_listed("""
        Ismaël Souleymane Modou Bakary Lamine Alpha Idrissa Youssouf Chukwuemeka Tobi Femi Ayo Kojo Kwesi Nana Samuel Daniel
        Exaucé Trésor Josué Liban Zakariya Ayub Nahom Abel Elias Prince Junior Gédéon Moïse
        """),
)

NAMES: dict[str, Names] = {
    "hispanic": HISPANIC,
    "black": BLACK,
    "white": WHITE,
    "polish": POLISH,
    "chinese": CHINESE,
    "south_asian": SOUTH_ASIAN,
    "arabic": ARABIC,
    "vietnamese": VIETNAMESE,
    "ukrainian": UKRAINIAN,
    "west_african": WEST_AFRICAN,
}
